import type { Exchange } from '../../exchange.js';
import { isJsonObject } from '../../json-rpc/message.js';
import { metaKeys } from '../../protocol/meta.js';
import type { Caller } from '../caller.js';

/** Sends requests of the stateless era: each says by itself who is calling and what it can do. */
export function callModern(next: Exchange, caller: Caller): Exchange {
  const base: { readonly [key: string]: unknown } = {
    [metaKeys.protocolVersion]: caller.protocolVersion,
    [metaKeys.clientInfo]: caller.clientInfo,
    [metaKeys.clientCapabilities]: caller.capabilities,
    ...(caller.logLevel === undefined ? {} : { [metaKeys.logLevel]: caller.logLevel }),
  };
  return (request, io) => {
    const given = request.params?.['_meta'];
    const _meta = isJsonObject(given) ? { ...base, ...given } : base;
    // The era has no ping: what every server answers is the question what it is.
    const method = request.method === 'ping' ? 'server/discover' : request.method;
    return next({ id: request.id, method, params: { ...request.params, _meta } }, io);
  };
}
