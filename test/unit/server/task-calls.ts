/** Calls of a server as a function, without anything between. */
import type { Io, Peer, Principal, Request, Result } from '../../../src/exchange.js';
import type { JsonObject } from '../../../src/json-rpc/message.js';
import type { Server } from '../../../src/server/index.js';

const tasksId = 'io.modelcontextprotocol/tasks';

export const ann: Principal = { id: 'ann' };
export const bob: Principal = { id: 'bob' };

export interface Caller {
  readonly principal: Principal;
  readonly capabilities?: Peer['capabilities'];
  readonly task?: { readonly ttlMs?: number };
  readonly emit?: Io['emit'];
  readonly logLevel?: Peer['logLevel'];
  readonly signal?: AbortSignal;
}

const knowing: Peer['capabilities'] = { elicitation: {}, extensions: { [tasksId]: {} } };

/** A request of `caller`, by default of one who knows tasks. */
export function send(
  server: Pick<Server, 'exchange'>,
  caller: Caller,
  method: string,
  params: JsonObject,
): Promise<Result> {
  const { principal, capabilities = knowing, task, logLevel, emit = () => undefined } = caller;
  const request: Request = { id: 1, method, params };
  const io: Io = {
    signal: caller.signal ?? new AbortController().signal,
    peer: {
      principal,
      protocolVersion: 'x',
      capabilities,
      ...(logLevel === undefined ? {} : { logLevel }),
    },
    emit,
    task,
  };
  return server.exchange(request, io);
}

export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Asks for a task until its status is another. */
export async function until(
  server: Pick<Server, 'exchange'>,
  caller: Caller,
  taskId: unknown,
  status: string,
): Promise<Result> {
  for (let times = 0; times < 100; times++) {
    const task = await send(server, caller, 'tasks/get', { taskId });
    if (task['status'] === status) return task;
    await turn();
  }
  throw new Error(`The task does not become ${status}`);
}
