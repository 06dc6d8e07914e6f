import type { Exchange } from '../../exchange.js';
import { isJsonObject, type JsonObject } from '../../json-rpc/message.js';
import { type ReadyJson, readyJson } from '../../json-rpc/ready-json.js';
import { metaKeys, withMeta } from '../../protocol/meta.js';
import type { Caller } from '../caller.js';

/** Sends requests of the stateless era: each says by itself who is calling and what it can do. */
export function callModern(next: Exchange, caller: Caller): Exchange {
  const base: JsonObject = {
    [metaKeys.protocolVersion]: caller.protocolVersion,
    [metaKeys.clientInfo]: caller.clientInfo,
    [metaKeys.clientCapabilities]: caller.capabilities,
    ...(caller.logLevel === undefined ? {} : { [metaKeys.logLevel]: caller.logLevel }),
  };
  const baseJson = JSON.stringify(base);
  const metaOf = (given: unknown): JsonObject => {
    if (!isJsonObject(given)) return base;
    const token = onlyToken(given);
    if (token === undefined || caller.logLevel !== undefined) return { ...base, ...given };
    return new CallMeta(caller, token, baseJson) as unknown as JsonObject;
  };
  return (request, io) => {
    // The era has no ping: what every server answers is the question what it is.
    const method = request.method === 'ping' ? 'server/discover' : request.method;
    const params = withMeta(request.params, metaOf(request.params?.['_meta']));
    return next({ id: request.id, method, params }, io);
  };
}

/** The progress token, where a number is all that was given: so it is with nearly every call. */
function onlyToken(given: JsonObject): number | undefined {
  const { progressToken } = given;
  if (!Number.isSafeInteger(progressToken)) return undefined;
  return Object.keys(given).length === 1 ? (progressToken as number) : undefined;
}

/** The `_meta` of a call: but for the token, the same for all, and so is its text. */
class CallMeta implements ReadyJson {
  declare readonly [metaKeys.protocolVersion]: unknown;
  declare readonly [metaKeys.clientInfo]: unknown;
  declare readonly [metaKeys.clientCapabilities]: unknown;
  declare readonly progressToken: number;
  readonly #baseJson: string;

  constructor(caller: Caller, token: number, baseJson: string) {
    this[metaKeys.protocolVersion] = caller.protocolVersion;
    this[metaKeys.clientInfo] = caller.clientInfo;
    this[metaKeys.clientCapabilities] = caller.capabilities;
    this.progressToken = token;
    this.#baseJson = baseJson;
  }

  get [readyJson](): string {
    return `${this.#baseJson.slice(0, -1)},"progressToken":${this.progressToken}}`;
  }
}
