/** Streams that are over stay for those who come back, and nothing else stays with them. */
import { afterEach, expect, test } from 'vitest';
import { inSession } from '../hostile/attack.js';
import { type Child, startChild } from './children.js';
import { openSession, send } from './polite.js';

let target: Child;

afterEach(() => target.end());

test('requests whose answers can be read again are not kept', async () => {
  target = await startChild('target');
  const session = await openSession(target.port);
  for (let id = 1; id <= 50; id++) {
    const params = { name: 'talk', arguments: { count: 1 }, _meta: { progressToken: id } };
    const call = inSession({ id, method: 'tools/call', params }, session);
    expect((await send(target.port, call)).body).toContain('notifications/progress');
  }
  // The newest may be on its way out.
  expect(await target.ask<number>('answers')).toBeLessThan(3);
});
