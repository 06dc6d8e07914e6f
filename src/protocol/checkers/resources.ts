/** resources/list, resources/templates/list, resources/read and their legacy subscriptions. */
import { arrayOf, integer, jsonObject, object, string, type Checker } from '../combinators.js';
import type * as legacy from '../legacy.types.js';
import type {
  ListResourcesResult,
  ListResourceTemplatesResult,
  ReadResourceRequestParams,
  ReadResourceResult,
  Resource,
  ResourceTemplate,
  ResourceUpdatedNotificationParams,
} from '../modern.types.js';
import { described, notificationMeta, requestMeta, type Params } from './base.js';
import { resourceContents } from './content.js';
import { inputAnswers } from './input-responses.js';
import { cacheableMembers, pageMembers, type Answer } from './result.js';

const shown = { ...described, mimeType: string, annotations: jsonObject } as const;

export const resource: Checker<Resource> = object<Resource>(
  { uri: string, name: string },
  { ...shown, size: integer },
);

export const resourceTemplate: Checker<ResourceTemplate> = object<ResourceTemplate>(
  { uriTemplate: string, name: string },
  shown,
);

export const readResourceParams: Checker<Params<ReadResourceRequestParams>> = object(
  { uri: string },
  { ...inputAnswers, _meta: requestMeta },
);

/** Params of resources/subscribe and resources/unsubscribe. */
export const subscribeParams: Checker<legacy.SubscribeRequestParams> =
  object<legacy.SubscribeRequestParams>({ uri: string }, { _meta: requestMeta });

export const resourceUpdatedParams: Checker<ResourceUpdatedNotificationParams> =
  object<ResourceUpdatedNotificationParams>({ uri: string }, { _meta: notificationMeta });

export const listResourcesResult: Checker<Answer<ListResourcesResult>> =
  object<ListResourcesResult>({ resources: arrayOf(resource) }, pageMembers);

export const listResourceTemplatesResult: Checker<Answer<ListResourceTemplatesResult>> =
  object<ListResourceTemplatesResult>(
    { resourceTemplates: arrayOf(resourceTemplate) },
    pageMembers,
  );

export const readResourceResult: Checker<Answer<ReadResourceResult>> = object<ReadResourceResult>(
  { contents: arrayOf(resourceContents) },
  cacheableMembers,
);
