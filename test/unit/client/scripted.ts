import type { Pipe } from '../../../src/engine/pipe.js';
import type { JsonObject } from '../../../src/json-rpc/message.js';
import { memoryPipes } from '../../../src/transports/memory.js';

export interface Asked {
  readonly id?: number;
  readonly method: string;
  readonly params?: JsonObject;
}

export interface Scripted {
  /** The client's end. */
  readonly pipe: Pipe;
  /** What the client has sent, in order. */
  readonly seen: readonly Asked[];
  methods(): readonly string[];
  /** Resolves with the `nth` message of this method, past or to come. */
  until(method: string, nth?: number): Promise<Asked>;
  result(asked: Asked, result: object): void;
  error(asked: Asked, code: number, message?: string): void;
  /** Refuses the protocol version. */
  refuse(asked: Asked, data: JsonObject): void;
  notify(method: string, params?: JsonObject): void;
  /** Puts a question to the client. */
  ask(question: Asked): void;
  close(): Promise<void>;
}

/** A server whose every answer the test writes itself. */
export function scripted(
  answer: (asked: Asked, server: Scripted) => void = () => undefined,
): Scripted {
  const [pipe, theirs] = memoryPipes();
  const seen: Asked[] = [];
  const waiters = new Set<() => void>();
  const send = (message: object): void =>
    void theirs.send({ jsonrpc: '2.0', ...message } as Parameters<Pipe['send']>[0]);
  const server: Scripted = {
    pipe,
    seen,
    methods: () => seen.map(({ method }) => method),
    until: (method, nth = 1) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = seen.filter((one) => one.method === method)[nth - 1];
          if (found === undefined) return;
          waiters.delete(look);
          resolve(found);
        };
        waiters.add(look);
        look();
      }),
    result: ({ id }, result) => send({ id, result }),
    error: ({ id }, code, message = 'no') => send({ id, error: { code, message } }),
    refuse: ({ id }, data) => send({ id, error: { code: -32022, message: 'no', data } }),
    notify: (method, params) => send(params === undefined ? { method } : { method, params }),
    ask: send,
    close: () => theirs.close(),
  };
  theirs.start({
    receive(message) {
      const asked = message as unknown as Asked;
      seen.push(asked);
      answer(asked, server);
      for (const wake of waiters) wake();
    },
    reject: () => undefined,
    end: () => undefined,
  });
  return server;
}

export const discovered = {
  resultType: 'complete',
  supportedVersions: ['2026-07-28'],
  capabilities: { tools: { listChanged: true }, resources: {}, prompts: {} },
  ttlMs: 0,
  cacheScope: 'private',
};

export const welcome = {
  protocolVersion: '2025-11-25',
  capabilities: { tools: {} },
  serverInfo: { name: 'scripted', version: '1' },
};

/** A server that speaks the stateless era; `answer` gets all but the probe. */
export function scriptedModern(answer: (asked: Asked, server: Scripted) => void): Scripted {
  return scripted((asked, server) => {
    if (asked.method === 'server/discover') server.result(asked, discovered);
    else answer(asked, server);
  });
}

/** What a promise rejects with. */
export function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => ({ noFailure: value }),
    (thrown: unknown) => thrown,
  );
}
