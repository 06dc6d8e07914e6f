import { McpError } from '../../errors.js';
import type { Exchange, Io, Request, Result } from '../../exchange.js';
import type { JsonObject, RequestId } from '../../json-rpc/message.js';
import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import { questionFor } from './questions.js';

export interface InputRoundsOptions {
  readonly limits: Limits;
  readonly clock: Clock;
  nextId(): RequestId;
  readonly record: { readonly protocolVersion: string };
}

/**
 * Lets a legacy caller take part in multi round trips: where the exchange wants input, live
 * questions are put to the caller, and the exchange is entered again with the answers.
 */
export async function throughInputRounds(
  next: Exchange,
  request: Request,
  io: Io,
  options: InputRoundsOptions,
): Promise<Result> {
  const roundsMax = options.limits.inputRoundsMax;
  let result = await next(request, io);
  for (let round = 1; result['resultType'] === 'input_required'; round++) {
    if (round > roundsMax) throw tooManyRounds(roundsMax);
    const answers = await askAll(result, io, options);
    result = await next(withAnswers(request, result, answers), io);
  }
  return result;
}

/** Puts all questions of a round to the caller; `mark` may add to what is sent. */
export async function askAll(
  result: Result,
  io: Io,
  options: InputRoundsOptions,
  mark: (params: JsonObject | undefined) => JsonObject | undefined = (params) => params,
): Promise<JsonObject> {
  const { ask } = io;
  if (ask === undefined) {
    throw new McpError('missingClientCapability', 'This connection cannot be asked for input');
  }
  const inputs = Object.entries((result['inputRequests'] ?? {}) as JsonObject);
  const put = async ([key, input]: [string, unknown]): Promise<readonly [string, unknown]> => {
    const id = options.nextId();
    const { method, params } = questionFor(input as Input, options.record.protocolVersion, id);
    const marked = mark(params);
    const question = marked === undefined ? { id, method } : { id, method, params: marked };
    return [key, await ask(question, patience.io)];
  };
  // A person is being waited for, which is not the handler's time.
  io.deadline?.pause();
  const patience = limitPatience(io, options);
  try {
    return Object.fromEntries(await Promise.all(inputs.map(put)));
  } catch (thrown) {
    throw refused(McpError.from(thrown));
  } finally {
    patience.stop();
    io.deadline?.resume();
  }
}

/** The same Io until the answers are overdue: a question is then taken back, and its call ends. */
function limitPatience(io: Io, { clock, limits }: InputRoundsOptions): { io: Io; stop(): void } {
  const over = new AbortController();
  const follow = (): void => over.abort(io.signal.reason);
  const expire = (): void =>
    over.abort(new McpError('timeout', 'The question was not answered in time'));
  const stopTimer = clock.after(limits.requestStateTtlMs, expire);
  io.signal.addEventListener('abort', follow, { once: true });
  if (io.signal.aborted) follow();
  return {
    io: { signal: over.signal, peer: io.peer, emit: (notification) => io.emit(notification) },
    stop() {
      stopTimer();
      io.signal.removeEventListener('abort', follow);
    },
  };
}

type Input = { readonly method: string; readonly params?: JsonObject };

function withAnswers(request: Request, result: Result, answers: JsonObject): Request {
  const params: { [key: string]: unknown } = { ...request.params, inputResponses: answers };
  if (result['requestState'] !== undefined) params['requestState'] = result['requestState'];
  return { ...request, params };
}

// A client may refuse a question with an error; its words go back to it and to nobody else.
function refused(error: McpError): McpError {
  if (!error.fromPeer) return error;
  return new McpError('invalidRequest', `The client refused to answer: ${error.message}`, {
    cause: error,
  });
}

function tooManyRounds(max: number): McpError {
  return new McpError('internal', 'Internal error', {
    cause: new Error(`The call asked for input more than ${max} times`),
  });
}
