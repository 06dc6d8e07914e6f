/** tools/list and tools/call. */
import {
  anything,
  arrayOf,
  boolean,
  jsonObject,
  object,
  string,
  type Checker,
} from '../combinators.js';
import type { TaskMetadata } from '../legacy.types.js';
import type { CallToolRequestParams, CallToolResult, ListToolsResult } from '../modern.types.js';
import { requestMeta, type Params } from './base.js';
import { contentBlock } from './content.js';
import { inputAnswers } from './input-responses.js';
import { pageMembers, resultMembers, type Answer } from './result.js';
import { taskMetadata } from './tasks.js';
import { tool } from './tool.js';

export const callToolParams: Checker<Params<CallToolRequestParams>> = object<
  Params<CallToolRequestParams> & { task?: TaskMetadata }
>(
  { name: string },
  { arguments: jsonObject, ...inputAnswers, task: taskMetadata, _meta: requestMeta },
);

/** Structured content may be any JSON; up to 2025-11-25 peers send objects only. */
export const callToolResult: Checker<Answer<CallToolResult>> = object<CallToolResult>(
  { content: arrayOf(contentBlock) },
  { ...resultMembers, isError: boolean, structuredContent: anything },
);

export const listToolsResult: Checker<Answer<ListToolsResult>> = object<ListToolsResult>(
  { tools: arrayOf(tool) },
  pageMembers,
);
