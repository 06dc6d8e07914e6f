import { expect, test } from 'vitest';
import { connect } from '../../../../src/connect.js';
import { defaultLimits } from '../../../../src/limits.js';
import { manualPlatform } from '../../../../src/testing/clock.js';
import { cites } from '../../../requirements.js';
import {
  answerEvent,
  beginStream,
  failureOf,
  isCall,
  isResumption,
  type Loopback,
  sessionLoopback,
} from './loopback.js';

const platform = (chance: number) => ({
  ...manualPlatform(),
  random: { bytes: (count: number) => new Uint8Array(count).fill(chance) },
});

/** Cuts each call's stream after an event that says to come back after `retryMs`. */
function cuttingServer(retryMs: number, resumed: (callId: number) => Resumed): Promise<Loopback> {
  let callId = 0;
  return sessionLoopback((seen, response) => {
    if (isCall(seen)) {
      callId = seen.message.id ?? 0;
      beginStream(response, `id: 1\nretry: ${retryMs}\ndata:\n\n`);
      response.end();
    } else if (isResumption(seen)) {
      const { status, text = '' } = resumed(callId);
      if (status === 200) beginStream(response, text);
      else response.statusCode = status;
      response.end();
    } else response.end();
  });
}

interface Resumed {
  readonly status: number;
  readonly text?: string;
}

const answered = (id: number): Resumed => ({ status: 200, text: answerEvent(id) });

cites('session/honours-retry', 'session/resume', 'session/comes-back');
test.each([
  { asked: 500, chance: 0, waited: 500 },
  { asked: 500, chance: 255, waited: 600 },
  { asked: 0, chance: 0, waited: defaultLimits.reconnectMsMin },
  // The ceiling is of our own back-off: no server's wish is cut short by it.
  { asked: 90_000, chance: 0, waited: 90_000 },
  // Still, nobody is made to wait for ever.
  { asked: 1e12, chance: 0, waited: defaultLimits.askedRetryMsMax },
])(
  'who is asked to wait $asked ms waits that and up to a fifth more ($waited ms)',
  async ({ asked, chance, waited }) => {
    const server = await cuttingServer(asked, answered);
    const own = platform(chance);
    await using client = await connect(server.url, { era: 'legacy', platform: own });
    const call = client.callTool('work', {}, { timeoutMs: 1e8 });
    await own.clock.armed((ms) => ms === waited);
    expect(server.seen.filter(isResumption)).toEqual([]);
    await own.clock.advance(waited);
    await expect(call).resolves.toMatchObject({ content: [{ text: 'done' }] });
    const [back] = server.seen.filter(isResumption);
    expect(back?.headers).toMatchObject({ 'last-event-id': '1', 'mcp-session-id': 'one' });
  },
);

test.each([
  { what: 'nothing follows', status: 204, message: /ended before the answer/ },
  { what: 'the session is gone', status: 404, message: /HTTP status 404/ },
  { what: 'it has no such stream', status: 405, message: /HTTP status 405/ },
])(
  'a call whose server says on resumption that $what may have been done',
  async ({ status, message }) => {
    const server = await cuttingServer(500, () => ({ status }));
    const own = platform(0);
    await using client = await connect(server.url, { era: 'legacy', platform: own });
    const call = client.callTool('work');
    const failed = failureOf(call);
    await own.clock.armed((ms) => ms === 500);
    await own.clock.advance(500);
    expect(await failed).toMatchObject({
      kind: 'outcomeUnknown',
      message: expect.stringMatching(message),
    });
    expect(server.seen.filter(isResumption)).toHaveLength(1);
    expect(server.seen.filter(isCall)).toHaveLength(1);
  },
);

test('a server that is away for a while is asked again', async () => {
  const answers = [503, 429, 502];
  const server = await cuttingServer(500, (id) => {
    const status = answers.shift();
    return status === undefined ? answered(id) : { status };
  });
  const own = platform(0);
  await using client = await connect(server.url, { era: 'legacy', platform: own });
  const call = client.callTool('work');
  for (let times = 0; times < 4; times++) {
    await own.clock.armed((ms) => ms === 500);
    await own.clock.advance(500);
  }
  await expect(call).resolves.toMatchObject({ content: [{ text: 'done' }] });
  expect(server.seen.filter(isResumption)).toHaveLength(4);
});

test('a client that closes while it waits to come back does not come back', async () => {
  const server = await cuttingServer(500, answered);
  const own = platform(0);
  const client = await connect(server.url, { era: 'legacy', platform: own });
  const failed = failureOf(client.callTool('work'));
  await own.clock.armed((ms) => ms === 500);
  await client.close();
  expect(await failed).toMatchObject({ kind: 'connectionClosed' });
  expect(own.clock.waiting).toBe(0);
  expect(server.seen.filter(isResumption)).toEqual([]);
});
