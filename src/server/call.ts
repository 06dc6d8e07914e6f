import { refuseScopes } from '../authorization.js';
import { errorTable, McpError } from '../errors.js';
import type { Io, Notification, Peer, Request } from '../exchange.js';
import type { JsonObject, RequestId } from '../json-rpc/message.js';
import { isJsonObject } from '../json-rpc/message.js';
import type { Platform } from '../platform/platform.js';
import { isAtLeast } from '../protocol/logging.js';
import { progressTokenOf } from '../protocol/meta.js';
import type { LoggingLevel } from '../protocol/modern.types.js';
import { type Ask, type InputRequest, createAsk, guarded, Suspended } from './ask.js';
import type { RoundState } from './request-state.js';
import { refuseWithout } from './scopes.js';

export interface ProgressOptions {
  /** The total, in the same unit; left out when it is not known. */
  readonly of?: number;
  /** What is being done, for people. */
  readonly message?: string;
}

/**
 * One call of a tool, prompt or resource, as its handler sees it. Its members work by themselves: a
 * handler may take `{ progress, signal }` out of it.
 */
export interface Call {
  /** Aborts when nobody waits for the answer any more. Hand it to whatever takes long. */
  readonly signal: AbortSignal;
  /** Who is calling. Only `peer.principal` was verified. */
  readonly peer: Peer;
  /** The request's `_meta`: trace context and whatever else the caller put there. */
  readonly meta: JsonObject;
  /**
   * Refuses the caller unless its token has all of these scopes: clients know how to ask for more,
   * and call again. Before anything is said, or they are told too late to notice. Callers whose
   * tokens nobody reads, as over stdio, have every scope.
   */
  readonly requireScopes: (...scopes: readonly string[]) => void;
  /** Puts questions to the user or to the caller's model; reads like a pause. */
  readonly ask: Ask;
  /**
   * Says how far the work is, in a unit of your own, always growing. Dropped unless the caller
   * asked for progress; extends the call's timeout in any case. Await it to go no faster than the
   * reader.
   */
  readonly progress: (done: number, options?: ProgressOptions) => Promise<void>;
  /** Sends a log message, if the caller wants messages of this level. `data` is any JSON value. */
  readonly log: (level: LoggingLevel, data: unknown, logger?: string) => Promise<void>;
  /**
   * Runs `effect` once although the handler is entered again after each question; its JSON result
   * travels sealed with the rounds. Once per chain of rounds, not across calls made anew.
   */
  readonly once: <T>(key: string, effect: () => T | Promise<T>) => Promise<T>;
  /**
   * Lets a connection go while the work goes on; the caller comes back for the rest after
   * `retryMs`. Only streams of 2025-11-25 sessions can do that; elsewhere nothing happens.
   */
  readonly detach: (options: { readonly retryMs: number }) => void;
  /**
   * From here on the call may go on as a task, whose handle the caller is given now. For tools with
   * `task: { starts: 'by handler' }`: questions put before reach the caller first. Does nothing
   * where the call is a task already, or can be none.
   */
  readonly startTask: () => Promise<void>;
  /** The raw answers of this round, for handlers that return `inputRequired(...)` by hand. */
  readonly responses: JsonObject;
  /** What such a handler kept by `inputRequired({ state })`. */
  readonly state: unknown;
}

/** What a task wants to know of the call that it runs. */
export interface CallHooks {
  startTask(): Promise<void>;
  progress(done: number, options: ProgressOptions): void;
}

export interface CallParts {
  readonly request: Request;
  readonly io: Io;
  readonly platform: Platform;
  readonly state: RoundState | undefined;
  /** Gets what could not be sent. */
  readonly report: (thrown: unknown, request: Request) => void;
  readonly hooks?: CallHooks | undefined;
}

const done = Promise.resolve();

/** Those functions of a call that its handler has looked at. */
type Functions = {
  -readonly [
    Name in keyof Call as Call[Name] extends (...args: never) => unknown ? Name : never
  ]?: Call[Name];
};

export class ServerCall implements Call {
  readonly #parts: CallParts;
  // Hardly any call needs all of these: each is made with the first that it holds.
  #functions: Functions | undefined;
  #questions: Map<string, InputRequest> | undefined;
  #rejections: (() => void)[] | undefined;
  #suspended: (() => void) | undefined;
  #ask: Ask | undefined;
  #once: RoundState['once'] | undefined;
  /** Effects of `once` that run. */
  #effects: Map<string, Promise<unknown>> | undefined;
  #progressSent: number;
  #logs = 0;
  readonly #logsSaid: number;
  #over = false;
  #controller: AbortController | undefined;

  constructor(parts: CallParts) {
    this.#parts = parts;
    const said = parts.state?.said;
    this.#progressSent = said?.progress ?? -Infinity;
    this.#logsSaid = said?.logs ?? 0;
  }

  get signal(): AbortSignal {
    // Its own, because it ends with the round while the request may go on with another.
    if (this.#controller === undefined) {
      const controller = (this.#controller = new AbortController());
      const outer = this.#parts.io.signal;
      if (outer.aborted) controller.abort(outer.reason);
      else outer.addEventListener('abort', () => controller.abort(outer.reason), { once: true });
    }
    return this.#controller.signal;
  }

  get peer(): Peer {
    return this.#parts.io.peer;
  }

  // Handlers take functions out of the call and call them by themselves, which methods do not
  // survive. Each is made with the first look at it: most calls need none.
  get #made(): Functions {
    return (this.#functions ??= {});
  }

  get requireScopes(): Call['requireScopes'] {
    return (this.#made.requireScopes ??= (...scopes) => {
      refuseScopes(scopes, 'call.requireScopes');
      refuseWithout(scopes, this.peer.principal);
    });
  }

  get progress(): Call['progress'] {
    return (this.#made.progress ??= (value, options) => this.#progress(value, options));
  }

  get log(): Call['log'] {
    return (this.#made.log ??= (level, data, logger) => this.#log(level, data, logger));
  }

  get once(): Call['once'] {
    return (this.#made.once ??= (key, effect) => this.#enterOnce(key, effect));
  }

  get detach(): Call['detach'] {
    return (this.#made.detach ??= (options) => this.#parts.io.detach?.(options));
  }

  get startTask(): Call['startTask'] {
    return (this.#made.startTask ??= () => this.#parts.hooks?.startTask() ?? done);
  }

  get id(): RequestId {
    return this.#parts.request.id;
  }

  get meta(): JsonObject {
    const meta = this.#parts.request.params?.['_meta'];
    return isJsonObject(meta) ? meta : {};
  }

  get responses(): JsonObject {
    const responses = this.#parts.request.params?.['inputResponses'];
    return isJsonObject(responses) ? responses : {};
  }

  get state(): unknown {
    return this.#parts.state?.own;
  }

  get ask(): Ask {
    const answers = { ...this.#parts.state?.answers, ...this.responses };
    return (this.#ask ??= createAsk(this.peer, answers, (key, question) =>
      this.#suspend(key, question),
    ));
  }

  /** Whether the handler waits for input: then this round ends with its questions. */
  get isAsking(): boolean {
    return this.#questions !== undefined;
  }

  get questions(): { readonly [key: string]: InputRequest } {
    return Object.fromEntries(this.#questions ?? []);
  }

  /** What the next round has to know. */
  stateForNextRound(own?: unknown): RoundState {
    const { state } = this.#parts;
    const kept = {
      answers: { ...state?.answers, ...this.responses },
      once: { ...state?.once, ...this.#once },
    };
    // A handler that asks by hand goes on where it was, and repeats nothing.
    const full = this.isAsking ? { ...kept, said: this.#said() } : kept;
    return own === undefined ? full : { ...full, own };
  }

  #said(): NonNullable<RoundState['said']> {
    const logs = Math.max(this.#logs, this.#logsSaid);
    const progress = this.#progressSent;
    return progress === -Infinity ? { logs } : { logs, progress };
  }

  #progress(value: number, options: ProgressOptions = {}): Promise<void> {
    const { io, request, hooks } = this.#parts;
    io.deadline?.extend();
    if (hooks !== undefined && !this.#over) hooks.progress(value, options);
    const progressToken = progressTokenOf(request.params);
    // The value must grow with each notification (basic/patterns/progress).
    if (progressToken === undefined || this.#over || !(value > this.#progressSent)) return done;
    this.#progressSent = value;
    const params: { [key: string]: unknown } = { progressToken, progress: value };
    if (options.of !== undefined) params['total'] = options.of;
    if (options.message !== undefined) params['message'] = options.message;
    return this.#send({ method: 'notifications/progress', params });
  }

  #log(level: LoggingLevel, data: unknown, logger?: string): Promise<void> {
    const { io } = this.#parts;
    const threshold = io.peer.logLevel;
    if (threshold === undefined || this.#over || !isAtLeast(level, threshold)) return done;
    if (++this.#logs <= this.#logsSaid) return done;
    const params = logger === undefined ? { level, data } : { level, logger, data };
    return this.#send({ method: 'notifications/message', params });
  }

  // What is said beside the answer is best effort: losing it must not end the work, and a promise
  // that nobody looks at must not end the process.
  #send(notification: Notification): Promise<void> {
    const lost = (thrown: unknown): void => this.#lost(thrown);
    try {
      return this.#parts.io.emit(notification)?.catch(lost) ?? done;
    } catch (thrown) {
      lost(thrown);
      return done;
    }
  }

  #lost(thrown: unknown): void {
    const { io, report, request } = this.#parts;
    const isConnection = errorTable[McpError.from(thrown).kind].fault === 'connection';
    if (!isConnection && !io.signal.aborted) report(thrown, request);
  }

  #enterOnce<T>(key: string, effect: () => T | Promise<T>): Promise<T> {
    const kept = { ...this.#parts.state?.once, ...this.#once };
    if (Object.hasOwn(kept, key)) return Promise.resolve(kept[key]!.value as T);
    const running = this.#effects?.get(key);
    if (running !== undefined) return running as Promise<T>;
    // The state of a round that is over takes no more results: the next round runs the effect.
    if (this.#over) return guarded(Promise.reject(new Suspended()));
    const started = guarded(this.#run(key, effect).finally(() => void this.#effects?.delete(key)));
    (this.#effects ??= new Map()).set(key, started);
    return started;
  }

  async #run<T>(key: string, effect: () => T | Promise<T>): Promise<T> {
    const value = await effect();
    this.#once = { ...this.#once, [key]: { value } };
    return value;
  }

  /** Resolves when no effect of `once` runs any more: a round that is sealed must hold them all. */
  async settled(): Promise<void> {
    while (this.#effects !== undefined && this.#effects.size > 0) {
      await Promise.allSettled(this.#effects.values());
    }
  }

  /** Called after the turn in which the first question was put, when no effect runs any more. */
  onSuspended(listener: () => void): void {
    this.#suspended = listener;
  }

  #suspend(key: string, question: InputRequest): Promise<never> {
    if (this.#over) return guarded(Promise.reject(new Suspended()));
    if (this.#questions === undefined) {
      this.#questions = new Map();
      this.#parts.platform.clock.nextTurn(() => this.#endOfTurn());
    }
    this.#questions.set(key, question);
    const rejected = new Promise<never>((_resolve, reject) => {
      (this.#rejections ??= []).push(() => reject(new Suspended()));
    });
    return guarded(rejected);
  }

  #endOfTurn(): void {
    this.#over = true;
    const end = (): void => {
      this.#controller?.abort(new Suspended());
      this.#suspended?.();
    };
    const rejections = this.#rejections?.splice(0) ?? [];
    const isBusy = this.#effects !== undefined && this.#effects.size > 0;
    if (!isBusy) end();
    // Effects may themselves wait for an answer, so this comes before they have all ended. Those
    // that do not wait are let finish, with their signal: half an effect is worse than a late one.
    for (const reject of rejections) reject();
    if (isBusy) void this.settled().then(end);
  }
}
