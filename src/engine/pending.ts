import type { Io, Request, Result } from '../exchange.js';
import { idInUse, McpError } from '../errors.js';
import type { RequestId, ResponseMessage } from '../json-rpc/message.js';
import { isErrorMessage } from '../json-rpc/message.js';

/** Requests sent and not yet answered. */
export interface Pending {
  /**
   * Sends `request` by `send` and resolves with its answer. When `io.signal` aborts, the question
   * is forgotten, `withdraw` tells the other side, and the promise rejects at once.
   */
  ask(request: Request, io: Io, wire: PendingWire): Promise<Result>;
  /** Hands in an answer. False when nobody waits for it: late and foreign answers are harmless. */
  answer(response: ResponseMessage): boolean;
  /** Fails one question. False when nobody waits for it. */
  refuse(id: RequestId, error: McpError): boolean;
  /** The Io of an open question, to which notifications of its own go. */
  ioOf(id: RequestId): Io | undefined;
  /** The only open question, if there is exactly one. */
  onlyIo(): Io | undefined;
  /** Rejects whatever is open. */
  fail(error: (id: RequestId) => McpError): void;
  readonly size: number;
}

export interface PendingWire {
  readonly send: () => void | Promise<void>;
  readonly withdraw: (reason: string) => void;
}

interface Entry {
  readonly io: Io;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: McpError) => void;
  readonly aborted: () => void;
}

export function createPending(sizeMax: number): Pending {
  const entries = new Map<RequestId, Entry>();

  const take = (id: RequestId): Entry | undefined => {
    const entry = entries.get(id);
    if (entry === undefined) return undefined;
    entries.delete(id);
    entry.io.signal.removeEventListener('abort', entry.aborted);
    return entry;
  };

  return {
    ask(request, io, wire) {
      const { id } = request;
      return new Promise<Result>((resolve, reject) => {
        if (io.signal.aborted) return reject(abortError(io.signal));
        if (entries.has(id)) return reject(idInUse(id));
        if (entries.size >= sizeMax) return reject(tooMany(sizeMax));
        const aborted = (): void => {
          if (take(id) === undefined) return;
          const error = abortError(io.signal);
          wire.withdraw(error.message);
          reject(error);
        };
        entries.set(id, { io, resolve, reject, aborted });
        io.signal.addEventListener('abort', aborted, { once: true });
        sendNow(wire, (error) => take(id)?.reject(error));
      });
    },
    answer(response) {
      const entry = response.id === undefined ? undefined : take(response.id);
      if (entry === undefined) return false;
      if (isErrorMessage(response)) entry.reject(McpError.fromWire(response.error));
      else entry.resolve(response.result);
      return true;
    },
    refuse(id, error) {
      const entry = take(id);
      entry?.reject(error);
      return entry !== undefined;
    },
    ioOf: (id) => entries.get(id)?.io,
    onlyIo() {
      if (entries.size !== 1) return undefined;
      for (const entry of entries.values()) return entry.io;
      return undefined;
    },
    fail(error) {
      for (const id of [...entries.keys()]) take(id)?.reject(error(id));
    },
    get size() {
      return entries.size;
    },
  };
}

function sendNow(wire: PendingWire, failed: (error: McpError) => void): void {
  const lost = (cause: unknown): void =>
    failed(
      cause instanceof McpError
        ? cause
        : new McpError('connectionFailed', 'The request could not be sent', { cause }),
    );
  try {
    const sent = wire.send();
    if (sent !== undefined) sent.catch(lost);
  } catch (cause) {
    lost(cause);
  }
}

/** The error for an exchange whose caller gave up; an McpError given as reason is kept. */
export function abortError(signal: AbortSignal): McpError {
  const reason: unknown = signal.reason;
  if (reason instanceof McpError) return reason;
  return new McpError('cancelled', 'The caller cancelled the request', { cause: reason });
}

/** The same work, for as long as somebody wants it: it may go on when `signal` aborts. */
export function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(abortError(signal));
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** The error for a question whose answer came and was no message. */
export function brokenAnswer(cause: McpError): McpError {
  return new McpError('badResponse', `The answer is no message: ${cause.message}`, { cause });
}

function tooMany(sizeMax: number): McpError {
  return new McpError('tooManyRequests', `More than ${sizeMax} requests wait for an answer`);
}
