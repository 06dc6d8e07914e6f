/** Listening over a session that was opened anew. */
import { expect, test } from 'vitest';
import { createLegacyListen } from '../../../src/eras/legacy/listen.js';
import { Cancellation } from '../../../src/engine/cancelling.js';
import { serverPeer } from '../../../src/engine/link.js';
import { McpError } from '../../../src/errors.js';
import type { Io, Request, Result } from '../../../src/exchange.js';

const uris = ['test://a', 'test://b'];

function openIo(heard: string[] = []): Io {
  const cancelling = new Cancellation();
  const { signal } = cancelling;
  return { signal, cancelling, peer: serverPeer, emit: ({ method }) => void heard.push(method) };
}

test('what could not be subscribed to again is asked for anew by the next who listens', async () => {
  const asked: string[] = [];
  let isAway = false;
  const exchange = ({ method, params }: Request): Promise<Result> => {
    asked.push(`${method} ${String(params?.['uri'])}`);
    const away = new McpError('unavailable', 'away');
    return isAway ? Promise.reject(away) : Promise.resolve({});
  };
  const closed = new Promise<undefined>(() => undefined);
  const link = { exchange, closed, notify: () => undefined, accept: () => undefined };
  const listen = createLegacyListen({
    link: { ...link, close: () => Promise.resolve() },
    nextId: () => asked.length,
    notice: () => undefined,
    unasked: (work) => work(openIo()),
  });
  const begin = (heard: string[]): void => {
    const params = { notifications: { resourceSubscriptions: uris } };
    const capabilities = { resources: { subscribe: true } };
    const request = { id: 0, method: 'subscriptions/listen', params };
    void listen.exchange(request, openIo(heard), capabilities, exchange).catch(() => undefined);
  };
  const acknowledged = 'notifications/subscriptions/acknowledged';

  const first: string[] = [];
  begin(first);
  await expect.poll(() => first).toEqual([acknowledged]);
  isAway = true;
  await expect(listen.again(openIo())).rejects.toMatchObject({ kind: 'unavailable' });
  isAway = false;
  asked.length = 0;
  const second: string[] = [];
  begin(second);
  await expect.poll(() => second).toEqual([acknowledged]);
  expect(asked).toEqual(uris.map((uri) => `resources/subscribe ${uri}`));
});
