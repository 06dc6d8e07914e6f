import type { RequestId } from '../../json-rpc/message.js';
import type { EventStore, StoredEvent, StreamKey, StreamState } from '../event-store.js';
import * as scripts from './event-scripts.js';
import { keptIdleMs } from './sessions.js';
import { fieldsOf, numberOf, type Shared } from './shared.js';

/**
 * A Redis Stream for each stream, whose entries have the numbers of the events, and a hash beside
 * it that tells how far it has come. Every method is one script, so that nodes never see half a
 * step; nothing outlives the session, or idles longer than it may, and what is finished goes after
 * `eventTtlMs`.
 */
export function redisEvents(shared: Shared): EventStore {
  const { connection, subscriber, names, limits, keep } = shared;
  const keysOf = (key: StreamKey): readonly string[] => {
    const { state, events, index, finished, record } = names.stream(key);
    return [state, events, index, finished, record];
  };
  const room = [
    limits.eventsPerStreamMax,
    limits.eventBytesPerStreamMax,
    limits.eventBytesPerSessionMax,
  ];

  return {
    outageMs: limits.storeOutageMs,
    async begin(key, { owner, purpose, owed }) {
      const times = [keptIdleMs(limits), limits.eventTtlMs];
      const args = [key.stream, owner, purpose, ...times, ...owed.map(textOf)];
      await keep(scripts.begin, keysOf(key), args);
    },
    async append(key, owner, { seq, data }, settled) {
      const text = settled === undefined ? '' : textOf(settled);
      const args = [key.stream, owner, seq, data, text, ...room];
      return (await keep(scripts.append, keysOf(key), args)) === 1;
    },
    async after(key, seq, bytesMax = Infinity) {
      const answer = await connection.run(scripts.after, keysOf(key), [seq, numberOf(bytesMax)]);
      if (answer === 0) return seq === 0 ? [] : undefined;
      if (answer === null) return undefined;
      return (answer as readonly string[]).map((data, at): StoredEvent => {
        return { seq: seq + 1 + at, data };
      });
    },
    async state(key) {
      return stateFrom(await connection.run(scripts.state, keysOf(key), []));
    },
    async claim(key, from, owner) {
      return stateFrom(await keep(scripts.claim, keysOf(key), [key.stream, from, owner]));
    },
    async finish(key, owner, lastSeq) {
      const args = [key.stream, owner, lastSeq, limits.eventTtlMs];
      await keep(scripts.finish, keysOf(key), args);
    },
    async forget(key) {
      await connection.run(scripts.forget, keysOf(key), [key.stream]);
    },
    async forgetSession(principal, session) {
      const { index, finished, record } = names.session(principal, session);
      await connection.run(scripts.forgetSession, ['', '', index, finished, record], []);
    },
    watch: (key, changed) => subscriber.subscribe(names.stream(key).channel, () => changed()),
  };
}

/** `1` and `"1"` are two requests. */
function textOf(id: RequestId): string {
  return JSON.stringify(id);
}

const owedField = 'owed ';

function stateFrom(answer: unknown): StreamState | undefined {
  const fields = fieldsOf(answer);
  const owner = fields.get('owner');
  if (owner === undefined) return undefined;
  const owed = [...fields]
    .filter(([name]) => name.startsWith(owedField))
    .toSorted(([, one], [, other]) => Number(one) - Number(other))
    .map(([name]) => JSON.parse(name.slice(owedField.length)) as RequestId);
  return {
    owner,
    purpose: fields.get('purpose') as StreamState['purpose'],
    owed,
    lastSeq: Number(fields.get('seq')),
    isFinished: fields.has('finished'),
  };
}
