/** How peers meet and keep in touch: handshake, discovery, subscriptions, and notifications. */
import type { JsonObject } from '../../json-rpc/message.js';
import {
  arrayOf,
  boolean,
  jsonObject,
  number,
  object,
  present,
  string,
  stringOrInteger,
  type Checker,
} from '../combinators.js';
import type {
  ElicitationCompleteNotification,
  InitializeRequestParams,
  InitializeResult,
  SetLevelRequestParams,
} from '../legacy.types.js';
import type {
  CancelledNotificationParams,
  DiscoverResult,
  LoggingMessageNotificationParams,
  PaginatedRequestParams,
  ProgressNotificationParams,
  SubscriptionFilter,
  SubscriptionsAcknowledgedNotificationParams,
  SubscriptionsListenRequestParams,
  SubscriptionsListenResult,
} from '../modern.types.js';
import {
  implementation,
  loggingLevel,
  notificationMeta,
  requestMeta,
  type Params,
} from './base.js';
import { clientCapabilities, serverCapabilities } from './capabilities.js';
import { cacheableMembers, resultMembers, type Answer } from './result.js';

export const initializeParams: Checker<InitializeRequestParams> = object<InitializeRequestParams>(
  { protocolVersion: string, capabilities: clientCapabilities, clientInfo: implementation },
  { _meta: requestMeta },
);

export const initializeResult: Checker<InitializeResult> = object<InitializeResult>(
  { protocolVersion: string, capabilities: serverCapabilities, serverInfo: implementation },
  { instructions: string, _meta: jsonObject },
);

export const discoverResult: Checker<Answer<DiscoverResult>> = object<DiscoverResult>(
  { supportedVersions: arrayOf(string), capabilities: serverCapabilities },
  { ...cacheableMembers, instructions: string },
);

export const setLevelParams: Checker<SetLevelRequestParams> = object<SetLevelRequestParams>(
  { level: loggingLevel },
  { _meta: requestMeta },
);

/** Params of every list request. */
export const pageParams: Checker<Params<PaginatedRequestParams>> = object<JsonObject>(
  {},
  { cursor: string, _meta: requestMeta },
);

export const subscriptionFilter: Checker<SubscriptionFilter> = object<SubscriptionFilter>(
  {},
  {
    toolsListChanged: boolean,
    promptsListChanged: boolean,
    resourcesListChanged: boolean,
    resourceSubscriptions: arrayOf(string),
  },
);

export const listenParams: Checker<Params<SubscriptionsListenRequestParams>> = object(
  { notifications: subscriptionFilter },
  { _meta: requestMeta },
);

/** The end of a subscription; it carries the subscription's id as its notifications did. */
export const listenResult: Checker<Answer<SubscriptionsListenResult>> =
  object<SubscriptionsListenResult>(
    {
      _meta: object(
        { 'io.modelcontextprotocol/subscriptionId': stringOrInteger },
        { 'io.modelcontextprotocol/serverInfo': implementation },
      ),
    },
    { resultType: resultMembers.resultType },
  );

export const acknowledgedParams: Checker<SubscriptionsAcknowledgedNotificationParams> =
  object<SubscriptionsAcknowledgedNotificationParams>(
    { notifications: subscriptionFilter },
    { _meta: notificationMeta },
  );

export const cancelledParams: Checker<CancelledNotificationParams> =
  object<CancelledNotificationParams>(
    { requestId: stringOrInteger },
    { reason: string, _meta: notificationMeta },
  );

export const progressParams: Checker<ProgressNotificationParams> =
  object<ProgressNotificationParams>(
    { progressToken: stringOrInteger, progress: number },
    { total: number, message: string, _meta: notificationMeta },
  );

export const logParams: Checker<LoggingMessageNotificationParams> =
  object<LoggingMessageNotificationParams>(
    { level: loggingLevel, data: present },
    { logger: string, _meta: notificationMeta },
  );

export const elicitationCompleteParams: Checker<ElicitationCompleteNotification['params']> = object<
  ElicitationCompleteNotification['params']
>({ elicitationId: string });
