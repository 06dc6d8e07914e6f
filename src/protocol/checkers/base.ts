/** What many messages have in common. */
import type { JsonObject } from '../../json-rpc/message.js';
import {
  jsonObject,
  object,
  oneOf,
  string,
  stringOrInteger,
  type Checker,
} from '../combinators.js';
import { loggingLevels } from '../logging.js';
import type {
  Implementation,
  LoggingLevel,
  NotificationMetaObject,
  NotificationParams,
  RequestMetaObject,
  ResultMetaObject,
  Role,
} from '../modern.types.js';
import { clientCapabilities } from './capabilities.js';

/** Request params as both eras send them: only modern requests must carry metadata. */
export type Params<T> = Omit<T, '_meta'> & { readonly _meta?: JsonObject };

export const role: Checker<Role> = oneOf(['assistant', 'user']);

export const loggingLevel: Checker<LoggingLevel> = oneOf(loggingLevels);

export const implementation: Checker<Implementation> = object<Implementation>(
  { name: string, version: string },
  { title: string },
);

/** Metadata of a request of either era. */
export const requestMeta: Checker<JsonObject> = object<JsonObject>(
  {},
  { progressToken: stringOrInteger },
);

/** Metadata that every modern request must carry (2026-07-28 basic, "_meta"). */
export const modernRequestMeta: Checker<RequestMetaObject> = object<RequestMetaObject>(
  {
    'io.modelcontextprotocol/protocolVersion': string,
    'io.modelcontextprotocol/clientCapabilities': clientCapabilities,
  },
  {
    'io.modelcontextprotocol/clientInfo': implementation,
    'io.modelcontextprotocol/logLevel': loggingLevel,
    progressToken: stringOrInteger,
  },
);

export const resultMeta: Checker<ResultMetaObject> = object<ResultMetaObject>(
  {},
  { 'io.modelcontextprotocol/serverInfo': implementation },
);

export const notificationMeta: Checker<NotificationMetaObject> = object<NotificationMetaObject>(
  {},
  { 'io.modelcontextprotocol/subscriptionId': stringOrInteger },
);

/** Params of a request that says nothing but who asks. */
export const requestParams: Checker<JsonObject> = object<JsonObject>({}, { _meta: requestMeta });

/** Params of a notification that says nothing but that it happened. */
export const notificationParams: Checker<NotificationParams> = object<NotificationParams>(
  {},
  { _meta: notificationMeta },
);

/** Members that say how something is shown, on tools, resources, prompts and content. */
export const described: {
  readonly title: Checker<string>;
  readonly description: Checker<string>;
  readonly _meta: Checker<JsonObject>;
} = { title: string, description: string, _meta: jsonObject };
