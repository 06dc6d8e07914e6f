/** What a server answers when it needs input first (2026-07-28 basic/patterns/mrtr). */
import { isJsonObject } from '../../json-rpc/message.js';
import { both, literal, object, recordOf, string, variant, type Checker } from '../combinators.js';
import type { InputRequest, InputRequests, InputRequiredResult } from '../modern.types.js';
import { elicitParams } from './elicitation.js';
import { resultMembers } from './result.js';
import { createMessageParams, listRootsParams } from './sampling.js';

export const inputRequest: Checker<InputRequest> = variant<InputRequest>('method', {
  'elicitation/create': object({ method: literal('elicitation/create'), params: elicitParams }),
  'sampling/createMessage': object({
    method: literal('sampling/createMessage'),
    params: createMessageParams,
  }),
  'roots/list': object({ method: literal('roots/list') }, { params: listRootsParams }),
});

export const inputRequests: Checker<InputRequests> = recordOf(inputRequest);

export const inputRequiredResult: Checker<InputRequiredResult> = both(
  object<InputRequiredResult>(
    { resultType: literal('input_required') },
    { inputRequests, requestState: string, _meta: resultMembers._meta },
  ),
  (value, path) =>
    isJsonObject(value) &&
    value['inputRequests'] === undefined &&
    value['requestState'] === undefined
      ? `${path} must have inputRequests or requestState`
      : undefined,
);

/** The result of a request that may need input: the answer, or what to ask first. */
export function orInputRequired<T>(answer: Checker<T>): Checker<T | InputRequiredResult> {
  return (value, path) =>
    isJsonObject(value) && value['resultType'] === 'input_required'
      ? inputRequiredResult(value, path)
      : answer(value, path);
}
