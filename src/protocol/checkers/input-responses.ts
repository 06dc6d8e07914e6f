/** What a client sends along when it repeats a request that needed input. */
import { isJsonObject } from '../../json-rpc/message.js';
import { recordOf, string, type Checker } from '../combinators.js';
import type { InputResponse, InputResponses } from '../modern.types.js';
import { elicitResult } from './elicitation.js';
import { createMessageResult, listRootsResult } from './sampling.js';

/** Answers do not say what they answer, so they are told apart by their members. */
export const inputResponse: Checker<InputResponse> = (value, path) => {
  if (!isJsonObject(value)) return `${path} must be an object`;
  if (value['action'] !== undefined) return elicitResult(value, path);
  if (value['roots'] !== undefined) return listRootsResult(value, path);
  return createMessageResult(value, path);
};

export const inputResponses: Checker<InputResponses> = recordOf(inputResponse);

/** Optional members of every request that may need input. */
export const inputAnswers: {
  readonly inputResponses: Checker<InputResponses>;
  readonly requestState: Checker<string>;
} = { inputResponses, requestState: string };
