/** prompts/list, prompts/get and completion/complete. */
import { defaultLimits } from '../../limits.js';
import {
  arrayOf,
  boolean,
  integer,
  literal,
  object,
  recordOf,
  string,
  variant,
  type Checker,
} from '../combinators.js';
import type {
  CompleteRequestParams,
  CompleteResult,
  GetPromptRequestParams,
  GetPromptResult,
  ListPromptsResult,
  Prompt,
  PromptArgument,
  PromptMessage,
  PromptReference,
  ResourceTemplateReference,
} from '../modern.types.js';
import { described, requestMeta, role, type Params } from './base.js';
import { contentBlock } from './content.js';
import { inputAnswers } from './input-responses.js';
import { pageMembers, resultMembers, type Answer } from './result.js';

const promptArgument: Checker<PromptArgument> = object<PromptArgument>(
  { name: string },
  { title: string, description: string, required: boolean },
);

export const prompt: Checker<Prompt> = object<Prompt>(
  { name: string },
  { ...described, arguments: arrayOf(promptArgument) },
);

export const promptMessage: Checker<PromptMessage> = object<PromptMessage>({
  role,
  content: contentBlock,
});

export const getPromptParams: Checker<Params<GetPromptRequestParams>> = object(
  { name: string },
  { arguments: recordOf(string), ...inputAnswers, _meta: requestMeta },
);

export const getPromptResult: Checker<Answer<GetPromptResult>> = object<GetPromptResult>(
  { messages: arrayOf(promptMessage) },
  { ...resultMembers, description: string },
);

export const listPromptsResult: Checker<Answer<ListPromptsResult>> = object<ListPromptsResult>(
  { prompts: arrayOf(prompt) },
  pageMembers,
);

const completionReference = variant<CompleteRequestParams['ref']>('type', {
  'ref/prompt': object<PromptReference>({ type: literal('ref/prompt'), name: string }),
  'ref/resource': object<ResourceTemplateReference>({ type: literal('ref/resource'), uri: string }),
});

export const completeParams: Checker<Params<CompleteRequestParams>> = object(
  { ref: completionReference, argument: object({ name: string, value: string }) },
  { context: object({}, { arguments: recordOf(string) }), _meta: requestMeta },
);

export const completeResult: Checker<Answer<CompleteResult>> = object<CompleteResult>(
  {
    completion: object(
      { values: arrayOf(string, defaultLimits.completionValuesMax) },
      { total: integer, hasMore: boolean },
    ),
  },
  resultMembers,
);
