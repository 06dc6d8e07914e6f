import { expect, test } from 'vitest';
import { FetchReply } from '../../../../src/transports/http/fetch-reply.js';

test('a reply that is cut before its head is answered, and whoever works for it is told', async () => {
  let vanished = 0;
  const answered = new Promise<Response>((resolve) => {
    const reply = new FetchReply(resolve, new AbortController().signal);
    reply.onVanish(() => vanished++);
    reply.cut();
    reply.send(200, {}, 'too late');
  });
  const { status, headers } = await answered;
  expect([status, headers.get('x-content-type-options'), vanished]).toEqual([503, 'nosniff', 1]);
});
