import { idInUse, McpError } from '../errors.js';
import type { Cancelling, Io, Request, Result } from '../exchange.js';
import type { RequestId, ResponseMessage } from '../json-rpc/message.js';
import { isErrorMessage } from '../json-rpc/message.js';
import { cancellingOf } from './cancelling.js';
import { IdTable } from './id-table.js';

/** Requests sent and not yet answered. */
export interface Pending {
  /**
   * Sends `request` by `send` and resolves with its answer. When its `io` is cancelled, the
   * question is forgotten, `withdraw` tells the other side, and the promise rejects at once.
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
  readonly send: (request: Request) => void | Promise<void>;
  readonly withdraw: (reason: string, request: Request) => void;
}

export function createPending(sizeMax: number): Pending {
  return new OpenQuestions(sizeMax);
}

class OpenQuestions implements Pending {
  readonly #sizeMax: number;
  // Most sessions are never asked anything.
  #questions: IdTable<Question> | undefined;

  constructor(sizeMax: number) {
    this.#sizeMax = sizeMax;
  }

  get size(): number {
    return this.#questions?.size ?? 0;
  }

  ask(request: Request, io: Io, wire: PendingWire): Promise<Result> {
    const { id } = request;
    const cancelling = cancellingOf(io);
    return new Promise<Result>((resolve, reject) => {
      if (cancelling.aborted) return reject(abortError(cancelling));
      const questions = (this.#questions ??= new IdTable());
      if (questions.get(id) !== undefined) return reject(idInUse(id));
      if (questions.size >= this.#sizeMax) return reject(tooMany(this.#sizeMax));
      const question = new Question({ request, io, wire, resolve, reject, open: this });
      questions.add(question);
      cancelling.addEventListener('abort', question, once);
      question.send();
    });
  }

  answer(response: ResponseMessage): boolean {
    const question = response.id === undefined ? undefined : this.take(response.id);
    if (question === undefined) return false;
    if (isErrorMessage(response)) question.reject(McpError.fromWire(response.error));
    else question.resolve(response.result);
    return true;
  }

  refuse(id: RequestId, error: McpError): boolean {
    const question = this.take(id);
    question?.reject(error);
    return question !== undefined;
  }

  ioOf(id: RequestId): Io | undefined {
    return this.#questions?.get(id)?.io;
  }

  onlyIo(): Io | undefined {
    return this.size === 1 ? this.#questions?.values()[0]?.io : undefined;
  }

  fail(error: (id: RequestId) => McpError): void {
    for (const { id } of this.#questions?.values() ?? []) this.take(id)?.reject(error(id));
  }

  take(id: RequestId): Question | undefined {
    const question = this.#questions?.get(id);
    if (question === undefined) return undefined;
    this.#questions?.delete(id);
    question.stopListening();
    return question;
  }
}

const once = { once: true } as const;

interface QuestionParts {
  readonly request: Request;
  readonly io: Io;
  readonly wire: PendingWire;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: McpError) => void;
  readonly open: OpenQuestions;
}

/** One request on its way, which also listens to its own cancellation. */
class Question {
  readonly #parts: QuestionParts;

  constructor(parts: QuestionParts) {
    this.#parts = parts;
  }

  get id(): RequestId {
    return this.#parts.request.id;
  }

  get io(): Io {
    return this.#parts.io;
  }

  resolve(result: Result): void {
    this.#parts.resolve(result);
  }

  reject(error: McpError): void {
    this.#parts.reject(error);
  }

  stopListening(): void {
    cancellingOf(this.#parts.io).removeEventListener('abort', this);
  }

  send(): void {
    const { request, wire } = this.#parts;
    try {
      wire.send(request)?.catch((cause: unknown) => this.#lost(cause));
    } catch (cause) {
      this.#lost(cause);
    }
  }

  #lost(cause: unknown): void {
    if (this.#parts.open.take(this.#parts.request.id) === undefined) return;
    this.reject(
      cause instanceof McpError
        ? cause
        : new McpError('connectionFailed', 'The request could not be sent', { cause }),
    );
  }

  handleEvent(): void {
    const { request, io, wire, open } = this.#parts;
    if (open.take(request.id) === undefined) return;
    const error = abortError(cancellingOf(io));
    wire.withdraw(error.message, request);
    this.reject(error);
  }
}

/** The error for an exchange whose caller gave up; an McpError given as reason is kept. */
export function abortError(signal: Pick<Cancelling, 'reason'>): McpError {
  const reason: unknown = signal.reason;
  if (reason instanceof McpError) return reason;
  return new McpError('cancelled', 'The caller cancelled the request', { cause: reason });
}

/** The same work, for as long as somebody wants it: it may go on when `signal` aborts. */
export function unlessAborted<T>(work: Promise<T>, signal: Cancelling): Promise<T> {
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
