import type { Io, Request, Result } from '../exchange.js';
import { isJsonObject, type JsonObject } from '../json-rpc/message.js';
import type { Platform } from '../platform/platform.js';
import { type InputRequest } from './ask.js';
import { type Call, ServerCall } from './call.js';
import type { StateSealer } from './request-state.js';

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

/** Runs a handler for one round of a call, which may end with questions instead of a result. */
export type RunRound = (
  request: Request,
  io: Io,
  enter: (call: Call) => Result | Promise<Result | InputRequired>,
) => Promise<Result>;

export function createRounds(platform: Platform, sealer: StateSealer): RunRound {
  const questions = async (
    call: ServerCall,
    request: Request,
    requests: { readonly [key: string]: InputRequest },
    own?: unknown,
  ): Promise<Result> => {
    const state = call.stateForNextRound(own);
    const requestState = await sealer.seal(state, request, call.peer.principal.id);
    return Object.keys(requests).length === 0
      ? { resultType: 'input_required', requestState }
      : { resultType: 'input_required', inputRequests: requests, requestState };
  };

  return async (request, io, enter) => {
    const sealed = request.params?.['requestState'];
    const opened =
      sealed === undefined ? undefined : await sealer.open(sealed, request, io.peer.principal.id);
    // Only keys that were asked for can matter to the handler; strangers among them are ignored.
    return new Promise<Result>((resolve, reject) => {
      const call = new ServerCall({
        request,
        io,
        platform,
        state: opened,
        suspended: () => {
          questions(call, request, call.questions).then(resolve, reject);
        },
      });
      enterSafely(enter, call).then(
        (result) => {
          // Once a question is open the round ends with it, whatever the handler made of it.
          if (call.isAsking) return;
          if (!(result instanceof InputRequired)) return resolve(result);
          questions(call, request, result.requests, result.state).then(resolve, reject);
        },
        (thrown: unknown) => {
          if (!call.isAsking) reject(thrown as Error);
        },
      );
    });
  };
}

async function enterSafely(
  enter: (call: Call) => Result | Promise<Result | InputRequired>,
  call: Call,
): Promise<Result | InputRequired> {
  return enter(call);
}

/** Arguments of a request, `{}` when it has none. */
export function argumentsOf(request: Request): JsonObject {
  const args = request.params?.['arguments'];
  return isJsonObject(args) ? args : {};
}
