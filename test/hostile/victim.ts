import type { Served } from '../../src/exchange.js';
import { createServer } from '../../src/server/index.js';

/** What no peer may ever see. */
export const secret = 'canary-7f3a';

/** A server with something to lose, and a count of what was done to it. */
export interface Victim {
  readonly served: Served;
  /** How often the tool `wipe` or `query` ran. */
  readonly runs: number;
  /** Lets the calls of `hold` return. */
  release(): void;
  /** How many calls of `hold` are running. */
  readonly held: number;
  /** Resolves once as many are. */
  holding(count: number): Promise<void>;
}

const anything = { type: 'object' } as const;

export function createVictim(): Victim {
  let runs = 0;
  let held: (() => void)[] = [];
  let watch = (): void => undefined;
  const server = createServer({
    name: 'victim',
    version: '1.0.0',
    scopes: [],
    onError: () => undefined,
  });

  server.tool('wipe', { input: anything }, () => {
    runs++;
    return 'wiped';
  });
  server.tool('look', {}, () => 'a harmless look');
  server.tool('query', { input: regionInput }, () => {
    runs++;
    return 'rows';
  });
  server.tool('echo', { input: anything }, async ({ text }, call) => {
    await call.progress(1, { message: String(text) });
    await call.log('info', text, 'echo');
    return String(text);
  });
  server.tool('boom', { input: anything }, ({ how }) => {
    const thrown: unknown = thrownBy[String(how)]?.() ?? new Error(secret);
    throw thrown;
  });
  server.tool('hold', { input: anything }, async () => {
    await new Promise<void>((resolve) => {
      held.push(resolve);
      watch();
    });
    return 'held';
  });
  server.resource('file:///{a}{b}{c}{d}', { name: 'files' }, () => undefined);

  return {
    served: server,
    get runs() {
      return runs;
    },
    release() {
      for (const resolve of held) resolve();
      held = [];
    },
    get held() {
      return held.length;
    },
    holding: (count) =>
      new Promise((resolve) => {
        watch = () => {
          if (held.length >= count) resolve();
        };
        watch();
      }),
  };
}

const regionInput = {
  type: 'object',
  properties: { region: { type: 'string', 'x-mcp-header': 'Region' } },
} as const;

/** Ways for a handler to fail; all of them tell something that is nobody's business. */
export const thrownBy: { readonly [how: string]: () => unknown } = {
  error: () => new Error(`connect postgres://admin:${secret}@db`),
  cause: () => new Error('failed', { cause: new Error(secret) }),
  aggregate: () => new AggregateError([new Error(secret)], secret),
  text: () => secret,
  object: () => ({ code: 200, status: 200, message: secret, secret }),
  named: () => Object.assign(new Error(secret), { code: -32000, data: { secret } }),
  file: () => Object.assign(new Error(`ENOENT: open '/srv/${secret}'`), { path: `/srv/${secret}` }),
  hostile: () => ({
    get message() {
      throw new Error(secret);
    },
  }),
  nothing: () => undefined,
};
