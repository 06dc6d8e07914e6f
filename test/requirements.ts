/** Every MUST and SHOULD of the specification that concerns a library, as data. */
import {
  jsonRpc,
  jsonSchema,
  lifecycle,
  stateless,
  timeouts,
  versioning,
} from './requirements/base.js';
import { elicitation, roots, sampling } from './requirements/client-features.js';
import { authorization, extensions, tasksCore, tasksExtension } from './requirements/extensions.js';
import { httpLegacy, httpSse } from './requirements/http-legacy.js';
import { httpModern, mirroredHeaders, paramHeaders, statuses } from './requirements/http-modern.js';
import {
  caching,
  cancellation,
  logging,
  notices,
  pagination,
  progress,
  rounds,
  subscriptions,
} from './requirements/patterns.js';
import type { Requirement } from './requirements/requirement.js';
import {
  completion,
  content,
  discovery,
  guards,
  prompts,
  resources,
  tools,
} from './requirements/server-features.js';
import { stdio } from './requirements/stdio.js';

/** The pages; no two may name a row alike. */
export const pages = [
  jsonRpc,
  lifecycle,
  stateless,
  versioning,
  timeouts,
  jsonSchema,
  stdio,
  httpLegacy,
  httpSse,
  httpModern,
  mirroredHeaders,
  paramHeaders,
  statuses,
  cancellation,
  progress,
  pagination,
  logging,
  subscriptions,
  rounds,
  caching,
  notices,
  tools,
  content,
  resources,
  prompts,
  completion,
  discovery,
  guards,
  elicitation,
  sampling,
  roots,
  extensions,
  tasksExtension,
  tasksCore,
  authorization,
] as const;

type IdsOf<Page> = Page extends unknown ? keyof Page : never;

/** The name of a row, such as `cancel/silence`. */
export type RequirementId = IdsOf<(typeof pages)[number]>;

export const requirements: ReadonlyMap<string, Requirement> = new Map(
  pages.flatMap((page) => Object.entries<Requirement>(page)),
);

/**
 * Says which rows the test below it shows: that it fails when they are broken. It does nothing; the
 * gate in `test/tidy` reads it, and the compiler knows the names.
 */
export function cites(..._rows: readonly [RequirementId, ...RequirementId[]]): void {}
