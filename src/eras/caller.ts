import type { ClientCapabilities, Implementation, LoggingLevel } from '../protocol/modern.types.js';

/** Who a client says it is, in the words of its era. */
export interface Caller {
  readonly protocolVersion: string;
  readonly clientInfo: Implementation;
  readonly capabilities: ClientCapabilities;
  /** The least severe level of log messages that are wanted; absent: none. */
  readonly logLevel?: LoggingLevel | undefined;
}
