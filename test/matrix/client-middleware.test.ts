/** Middleware of a client's user may do with an Io what can be done with any object. */
import { expect } from 'vitest';
import type { ClientExtension } from '../../src/client/index.js';
import type { Io, Middleware } from '../../src/exchange.js';
import { matrix } from './matrix.js';

type Form = (io: Io, signal: AbortSignal) => Io;

const forms: { readonly [name: string]: Form } = {
  copies: (io, signal) => ({ ...io, signal }),
  inherits: (io, signal) => Object.create(io, { signal: { value: signal } }) as Io,
  'is a proxy of': (io, signal) =>
    new Proxy(io, {
      get: (target, key) => (key === 'signal' ? signal : Reflect.get(target, key, target)),
    }),
};

const id = 'com.example/giving-up';

/** Both kinds of middleware that are not ours. */
const places: { readonly [name: string]: (middleware: Middleware) => object } = {
  middleware: (middleware) => ({ middleware: [middleware] }),
  'an extension': (open) => ({ extensions: [{ id, open: () => open }] as ClientExtension[] }),
};

for (const [does, form] of Object.entries(forms)) {
  for (const [place, given] of Object.entries(places)) {
    const server = { extensions: [{ id }] };
    matrix(`${place} ${does} an Io`, { transports: ['stdio', 'http'], server }, async (stage) => {
      const giveUp = new AbortController();
      const reason = new Error('of the middleware');
      const aborted = new Promise<void>((resolve) => {
        stage.server.tool('slow', {}, async (_args, call) => {
          call.signal.addEventListener('abort', () => resolve());
          giveUp.abort(reason);
          await aborted;
          return 'too late';
        });
      });
      stage.server.tool('work', {}, async (_args, call) => {
        for (let n = 1; n <= 3; n++) await call.progress(n);
        return 'done';
      });
      const wrapping: Middleware = (next) => (request, io) =>
        next(request, form(io, AbortSignal.any([io.signal, giveUp.signal])));
      const client = await stage.connect(given(wrapping));
      const seen: number[] = [];
      const onProgress = ({ done }: { done: number }): void => void seen.push(done);
      const { content } = await client.callTool('work', {}, { onProgress });
      expect([seen, content]).toEqual([[1, 2, 3], [{ type: 'text', text: 'done' }]]);
      await expect(client.callTool('slow')).rejects.toBeDefined();
      await aborted;
    });
  }
}

matrix('a signal that is none fails its call', { transports: ['memory'] }, async (stage) => {
  stage.server.tool('work', {}, () => 'done');
  const client = await stage.connect();
  const failed = client.callTool('work', {}, { signal: {} as AbortSignal });
  await expect(failed).rejects.toBeInstanceOf(TypeError);
  expect(await client.callTool('work')).toMatchObject({ content: [{ text: 'done' }] });
});
