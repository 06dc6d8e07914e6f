import { expect } from 'vitest';
import { text } from '../../src/index.js';
import { cites } from '../requirements.js';
import { createGate } from './gate.js';
import { matrix } from './matrix.js';

const overHttp = { eras: ['legacy'], transports: ['http', 'fetch', 'web'] } as const;
// A day would be thousands of keep-alives, all of them on real connections.
const sessionTotalMs = 10 * 60 * 1000;
const brief = { ...overHttp, host: { limits: { sessionTotalMs } } };

cites('session/comes-back');
matrix('a client comes back to a stream that was let go', overHttp, async (stage) => {
  const { server, connect, clock } = stage;
  const gate = createGate();
  server.tool('poll', {}, async (_args, call) => {
    await call.progress(1);
    call.detach({ retryMs: 7000 });
    await gate.pass();
    await call.progress(2);
    return 'done';
  });
  const client = await connect();
  const heard: number[] = [];
  const call = client.callTool('poll', {}, { onProgress: ({ done }) => heard.push(done) });
  // No sooner than the server asked for, and up to a fifth later.
  await clock.armed((ms) => ms >= 7000 && ms <= 8400);
  await gate.open();
  await clock.advance(8400);
  expect((await call).content).toEqual([text('done')]);
  expect(heard).toEqual([1, 2]);
});

cites('session/begins-anew');
matrix('a client whose session was forgotten opens another', brief, async (stage) => {
  const { server, connect, clock, wire } = stage;
  server.tool('say', {}, () => 'hello');
  const client = await connect();
  await client.callTool('say');
  await clock.advance(sessionTotalMs + 1);
  const both = await Promise.all([client.callTool('say'), client.callTool('say')]);
  expect(both.map(({ content }) => content)).toEqual([[text('hello')], [text('hello')]]);
  // However many calls find out at once, one session is opened.
  expect(wire.messages('client', 'initialize')).toHaveLength(2);
});

matrix('who listens goes on listening in the new session', brief, async (stage) => {
  const { server, connect, clock } = stage;
  server.tool('say', {}, () => 'hello');
  server.resource('test://a', {}, () => 'a');
  const client = await connect();
  const changes = client.listen({ uris: ['test://a'], tools: true })[Symbol.asyncIterator]();
  await changes.next();
  await clock.advance(sessionTotalMs + 1);
  await client.callTool('say');
  // Something may have been missed in between, so it is said that the listening began anew.
  expect(await changes.next()).toMatchObject({ value: { kind: 'listening' } });
  server.resourceUpdated('test://a');
  expect(await changes.next()).toMatchObject({ value: { kind: 'resource', uri: 'test://a' } });
  await changes.return?.();
});

matrix('many cancellations at once look like no leak', overHttp, async (stage) => {
  const { server, connect } = stage;
  const gate = createGate();
  server.tool('wait', {}, () => gate.pass());
  const warnings: string[] = [];
  const warn = ({ name }: Error): void => void warnings.push(name);
  process.on('warning', warn);
  const client = await connect();
  const calls = Array.from({ length: 20 }, () => new AbortController());
  const ended = calls.map(({ signal }) => client.callTool('wait', {}, { signal }));
  await gate.reached();
  for (const call of calls) call.abort();
  const outcomes = await Promise.allSettled(ended);
  expect(outcomes.map(({ status }) => status)).toEqual(calls.map(() => 'rejected'));
  await client.close();
  process.off('warning', warn);
  expect(warnings).toEqual([]);
});
