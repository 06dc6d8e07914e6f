import { McpError } from '../errors.js';
import type { Io, Request, Result } from '../exchange.js';
import { isJsonObject, type JsonObject } from '../json-rpc/message.js';
import type { Platform } from '../platform/platform.js';
import { isPromised, when } from '../platform/when.js';
import { type InputRequest, refuseQuestion } from './ask.js';
import { type Call, type CallHooks, ServerCall } from './call.js';
import type { RoundState, StateSealer } from './request-state.js';

/** What a handler returns to ask by hand instead of by `call.ask`. See `inputRequired`. */
export class InputRequired {
  readonly requests: { readonly [key: string]: InputRequest };
  readonly state: unknown;

  constructor(requests: { readonly [key: string]: InputRequest }, state: unknown) {
    this.requests = requests;
    this.state = state;
  }
}

/**
 * Ends this round with questions: the explicit form of `call.ask`. In the next round the answers
 * are in `call.responses` and `state`, which travelled sealed, in `call.state`.
 */
export function inputRequired(options: {
  readonly requests?: { readonly [key: string]: InputRequest };
  readonly state?: unknown;
}): InputRequired {
  return new InputRequired(options.requests ?? {}, options.state);
}

/** What a handler may end a round with. */
export type RoundEnd = Result | InputRequired;

/** A handler, entered for one round. */
export type Enter = (call: Call) => RoundEnd | Promise<RoundEnd>;

/** Runs a handler for one round of a call, which may end with questions instead of a result. */
export type RunRound = (request: Request, io: Io, enter: Enter) => Result | Promise<Result>;

/** A round that ended with questions, and what the next one has to know. */
export class OpenRound {
  readonly questions: { readonly [key: string]: InputRequest };
  readonly state: RoundState;

  constructor(questions: OpenRound['questions'], state: RoundState) {
    this.questions = questions;
    this.state = state;
  }
}

type ReportError = (thrown: unknown, request: Request) => void;

export interface RoundParts {
  readonly request: Request;
  readonly io: Io;
  readonly platform: Platform;
  readonly state: RoundState | undefined;
  readonly report: ReportError;
  readonly hooks?: CallHooks | undefined;
}

/** Enters a handler once: to its result, or to its questions. */
export function enterRound(
  parts: RoundParts,
  enter: Enter,
): Result | OpenRound | Promise<Result | OpenRound> {
  const call = new ServerCall(parts);
  const ended = enterSafely(enter, call);
  // Most handlers ask nothing, and many answer at once.
  if (!isPromised(ended) && !(ended instanceof InputRequired) && !call.isAsking) return ended;
  return new Promise<Result | OpenRound>((resolve, reject) => {
    const open = (questions: OpenRound['questions'], own?: unknown): void =>
      resolve(new OpenRound(questions, call.stateForNextRound(own)));
    call.onSuspended(() => open(call.questions));
    Promise.resolve(ended).then(
      (end) => {
        // Once a question is open the round ends with it, whatever the handler made of it.
        if (call.isAsking) return;
        if (!(end instanceof InputRequired)) return resolve(end);
        void call.settled().then(() => open(end.requests, end.state));
      },
      (thrown: unknown) => {
        if (!call.isAsking) reject(thrown);
      },
    );
  });
}

/** How the state of a call travels between its rounds: sealed, with the caller. */
export interface SealedRounds {
  /** What earlier rounds left; nothing in the first. */
  open(request: Request, io: Io): Promise<RoundState | undefined>;
  /** The answer to a round that ended with questions. */
  seal(round: OpenRound, request: Request, io: Io): Promise<Result>;
  readonly run: RunRound;
}

export function createRounds(
  platform: Platform,
  sealer: StateSealer,
  report: ReportError,
): SealedRounds {
  const rounds: SealedRounds = {
    async open(request, io) {
      const sealed = request.params?.['requestState'];
      return sealed === undefined ? undefined : sealer.open(sealed, request, io.peer.principal.id);
    },
    async seal({ questions, state }, request, io) {
      const requestState = await sealer.seal(state, request, io.peer.principal.id);
      return Object.keys(questions).length === 0
        ? { resultType: 'input_required', requestState }
        : { resultType: 'input_required', inputRequests: questions, requestState };
    },
    run(request, io, enter) {
      const isFirst = request.params?.['requestState'] === undefined;
      return when(isFirst ? undefined : rounds.open(request, io), (state) =>
        when(enterRound({ request, io, platform, state, report }, enter), (ended) =>
          ended instanceof OpenRound ? rounds.seal(ended, request, io) : ended,
        ),
      );
    },
  };
  return rounds;
}

function enterSafely(enter: Enter, call: ServerCall): RoundEnd | Promise<RoundEnd> {
  // What is asked by hand is held to the same rules as `call.ask`.
  const held = (end: RoundEnd): RoundEnd => {
    if (!(end instanceof InputRequired)) return end;
    for (const question of Object.values(end.requests)) refuseQuestion(call.peer, question);
    return end;
  };
  try {
    return when(enter(call), held);
  } catch (thrown) {
    if (!call.isAsking) throw thrown;
    // It asked before it threw: that ends the round.
    return Promise.reject(McpError.from(thrown));
  }
}

/** Arguments of a request, `{}` when it has none. */
export function argumentsOf(request: Request): JsonObject {
  const args = request.params?.['arguments'];
  return isJsonObject(args) ? args : {};
}
