import type {
  ClientCapabilities,
  Implementation,
  LoggingLevel,
} from '../../protocol/modern.types.js';

/** What a legacy session is, as a plain value that a store can keep. */
export interface SessionRecord {
  readonly protocolVersion: string;
  readonly capabilities: ClientCapabilities;
  readonly clientInfo?: Implementation;
  initialized: boolean;
  logLevel: LoggingLevel;
  readonly subscriptions: string[];
}

/** What a record is now; what never changes in it is shared with the copy. */
export function copyRecord(record: SessionRecord): SessionRecord {
  return { ...record, subscriptions: [...record.subscriptions] };
}

/** Two changes of the same record, put together; of two levels, mine was set last. */
export function mergeRecords(
  before: SessionRecord,
  mine: SessionRecord,
  theirs: SessionRecord,
): SessionRecord {
  const had = new Set(before.subscriptions);
  const have = new Set(mine.subscriptions);
  return {
    ...theirs,
    initialized: mine.initialized || theirs.initialized,
    logLevel: mine.logLevel === before.logLevel ? theirs.logLevel : mine.logLevel,
    subscriptions: [
      ...theirs.subscriptions.filter((uri) => have.has(uri) || !had.has(uri)),
      ...mine.subscriptions.filter((uri) => !had.has(uri) && !theirs.subscriptions.includes(uri)),
    ],
  };
}
