/** Streams that are over stay for those who come back, and nothing else stays with them. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inSession, onSession } from '../hostile/attack.js';
import { type Child, startChild } from './children.js';
import { openSession, send } from './polite.js';

const calls = 50;

let target: Child;
let session: string;

beforeEach(async () => {
  target = await startChild('target');
  session = await openSession(target.port);
});
afterEach(() => target.end());

/** Has a call answered as events; resolves with the id of the first of them. */
async function talk(id: number): Promise<string> {
  const params = { name: 'talk', arguments: { count: 1 }, _meta: { progressToken: id } };
  const { body } = await send(
    target.port,
    inSession({ id, method: 'tools/call', params }, session),
  );
  expect(body).toContain('notifications/progress');
  return /^id: (\S+)$/m.exec(body)![1]!;
}

/** Reads again what came after the event of that id. */
async function comeBack(to: string): Promise<void> {
  const get = onSession('GET', session);
  const parts = { ...get, headers: { ...get.headers, 'last-event-id': to } };
  expect((await send(target.port, parts)).body).toContain('"told"');
}

test('requests whose answers can be read again are not kept, nor those that read them', async () => {
  for (let id = 1; id <= calls; id++) {
    const first = await talk(id);
    if (id % 2 === 0) await comeBack(first);
  }
  // The newest may be on their way out.
  await expect.poll(() => target.ask<number>('answers')).toBeLessThan(3);
});
