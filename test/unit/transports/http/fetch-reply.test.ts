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

test('an answer that many share is sent as the text that is kept', async () => {
  const shared = { before: '{"id":1,"result":', text: '{"a":"ü"}', shared: new Uint8Array() };
  const answered = new Promise<Response>((resolve) => {
    new FetchReply(resolve, new AbortController().signal).send(200, {}, shared);
  });
  expect(await (await answered).json()).toEqual({ id: 1, result: { a: 'ü' } });
});
