import type { Auth } from '../../authorization.js';
import type { McpError } from '../../errors.js';
import type { Limits } from '../../limits.js';
import type { Platform } from '../../platform/platform.js';
import type { ServerStore } from '../../stores/server-store.js';

export interface EndpointOptions {
  /** The one path, default `/mcp`. */
  readonly path?: string;
  /** Host names (or `host:port`) beside loopback that may be asked for. */
  readonly allowedHosts?: readonly string[];
  /**
   * Origins (`https://app.example`) whose pages may call and read answers (CORS); none by default.
   * Each is compared whole: there are no patterns. The server's own always may.
   */
  readonly allowedOrigins?: readonly string[];
  /**
   * The whole address by which clients know this server, when it is not that of this machine. With
   * `auth` it is also what tokens must have been made for; `createEndpoint` needs it then.
   */
  readonly publicUrl?: string;
  /**
   * Addresses and networks (`10.0.0.0/8`) of the proxies before this server. What they say in
   * X-Forwarded-For is believed; what anybody else says there is not.
   */
  readonly trustedProxies?: readonly string[];
  /**
   * Tells who is calling: `jwt(…)`, `introspection(…)` and `apiKeys(…)` of `sallyport/auth`, or
   * `{ verify }`. With it callers see and call only what their scopes allow, and nothing that has
   * no scopes. Without it everybody is the same anonymous peer.
   */
  readonly auth?: Auth;
  /**
   * `sealed`: nothing is kept of legacy sessions. What is known of one travels, encrypted, as its
   * id, and any node that has the same keys (`store.keys`) can serve it. There is no stream of GET
   * then, nothing can be resumed, no client can be asked. Default: `kept`.
   */
  readonly sessions?: 'kept' | 'sealed';
  /**
   * What sealed sessions are encrypted with, 32 bytes each, the same on all nodes: the first one
   * seals, all open. Default: keys of the store.
   */
  readonly sessionSecrets?: readonly Uint8Array[];
  /** Serves the two endpoints of 2024-11-05 too: `/sse` and `/messages`. */
  readonly httpSse?: boolean;
  readonly limits?: Partial<Limits>;
  readonly platform?: Platform;
  /** Gets every refusal of the edge, with the reason in `cause` that the peer is not told. */
  readonly onRefusal?: (refusal: McpError, about: RefusalDetails) => void;
  /** Gets what failed behind the edge, such as a store, with the reason in `cause`. */
  readonly onError?: (error: McpError) => void;
}

export interface RefusalDetails {
  /** What the peer was given as `X-Request-Id`. */
  readonly requestId: string;
}

/** Makes the store of an endpoint, which knows its bounds and its clock. */
export type OpenStore = (limits: Limits, platform: Platform) => ServerStore;
