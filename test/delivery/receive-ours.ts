import { type Client, connect, McpError } from '../../src/index.js';
import { type ConnectReceiver, type Ears, patience, textOf } from './receiver.js';

/** Our client, by what it shows to whoever uses it. */
export const connectOurs: ConnectReceiver = async (url, uris, ears) => {
  const client = await connect(url, {
    era: 'legacy',
    // A call that is made again would have two fates under one tag.
    retry: 'never',
    onLog: ({ data }) => ears.event(String(data)),
    limits: {
      reconnectsMax: patience.retriesMax,
      reconnectMsMin: patience.firstMs,
      reconnectMsMax: patience.longestMs,
      clientCallMs: patience.callMs,
    },
  });
  const stopper = new AbortController();
  const { over } = await listen(client, uris, ears, stopper.signal);
  return {
    async call(tag, events, holds = false) {
      try {
        const answer = await client.callTool(
          'count',
          { tag, events, holds },
          { onProgress: ({ message }) => ears.event(message ?? '') },
        );
        ears.event(textOf(answer));
        return { kind: 'answered' };
      } catch (thrown) {
        const { kind, message } = McpError.from(thrown);
        if (kind === 'outcomeUnknown' || kind === 'connectionFailed') return { kind: 'unknown' };
        return { kind: 'failed', why: `${kind}: ${message}` };
      }
    },
    async close() {
      stopper.abort();
      await over;
      await client.close();
    },
  };
};

/** Resolves once it listens. */
async function listen(
  client: Client,
  uris: readonly string[],
  ears: Ears,
  signal: AbortSignal,
): Promise<{ readonly over: Promise<void> }> {
  const changes = client.listen({ uris }, { signal })[Symbol.asyncIterator]();
  await changes.next();
  const read = async (): Promise<void> => {
    for (let next = await changes.next(); next.done !== true; next = await changes.next()) {
      if (next.value.kind === 'resource') ears.notice(next.value.uri);
      else ears.gap();
    }
  };
  return { over: read().catch(() => ears.gap()) };
}
