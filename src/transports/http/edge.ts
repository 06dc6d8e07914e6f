import { createRunning, type Running } from '../../engine/drain.js';
import { createLoad, type Load } from '../../engine/load.js';
import { givenKeys, keysIn, readSecrets, type SealingKeys } from '../../engine/sealing-keys.js';
import { McpError } from '../../errors.js';
import type { Served } from '../../exchange.js';
import type { Limits } from '../../limits.js';
import type { Platform } from '../../platform/platform.js';
import { quietly } from '../../platform/quietly.js';
import type { KeyStore } from '../../stores/key-store.js';
import { type Admission, createAdmission } from './admission.js';
import { type Cors, createCors } from './cors.js';
import { createEdgePlaces } from './edge-places.js';
import type { EndpointOptions, OpenStore } from './endpoint-options.js';
import type { EdgeOptions } from './guard-options.js';
import { createHttpSse, type HttpSse } from './http-sse.js';
import { createLegacyHttp, type LegacyHttp } from './legacy.js';
import { createModernPost, type ModernPost } from './modern.js';
import { createRates } from './rates.js';
import { createResourceServer, type ResourceServer } from './resource-server.js';
import { createSealedSessions } from './sealed-sessions.js';
import { createSessions, type Sessions } from './sessions.js';

/** What an endpoint is made of, put together: who may come in, and where each era is served. */
export interface Edge {
  readonly admission: Admission;
  readonly resource: ResourceServer;
  /** Undefined where no page of another origin may read answers. */
  readonly cors: Cors | undefined;
  readonly load: Load;
  readonly calls: Running;
  /** Streams of the modern era. */
  readonly streams: Running;
  readonly modernPost: ModernPost;
  readonly legacy: LegacyHttp;
  readonly sessions: Sessions;
  /** Undefined where the endpoints of 2024-11-05 are not served. */
  readonly sse: HttpSse | undefined;
}

export interface EdgeParts {
  readonly limits: Limits;
  readonly platform: Platform;
  readonly guardOptions: EdgeOptions;
  readonly ownOrigins: () => readonly string[];
}

export function createEdge(
  served: Served,
  options: EndpointOptions,
  openStore: OpenStore,
  { limits, platform, guardOptions, ownOrigins }: EdgeParts,
): Edge {
  const { clock } = platform;
  const places = createEdgePlaces(limits, guardOptions.isPrivate);
  const calls = createRunning(clock, places.calls);
  const streams = createRunning(clock, places.streams);
  const report = (error: McpError): void => quietly(() => options.onError?.(error));
  const onFault = (cause: unknown): void =>
    report(new McpError('internal', 'A store failed', { cause }));
  const { isPrivate, proxies } = guardOptions;
  const { rates: rateStore, ...store } = openStore(limits, platform);
  const { cluster } = store;
  const sessions =
    options.sessions === 'sealed'
      ? createSealedSessions({
          ...{ served, limits, platform, cluster },
          keys: sealingKeysOf(options, store.keys, platform, limits),
        })
      : createSessions({
          ...store,
          ...{ served, limits, platform, onFault },
          places: places.sessions,
          perCallerMax: isPrivate ? Infinity : limits.sessionsPerPrincipalMax,
        });
  const rates = createRates(rateStore, limits);
  const { auth, publicUrl } = options;
  const { path } = guardOptions;
  const resource = createResourceServer({ auth, publicUrl, path, ownOrigins });
  const { resourceOf } = resource;
  const admission = createAdmission({
    ...{ auth, resourceOf, limits, clock, proxies },
    rates: isPrivate ? undefined : rates,
    report,
  });
  const cors = createCors(guardOptions.pageOrigins, limits);
  const load = createLoad({
    limits,
    clock,
    onCritical() {
      const tenth = Math.ceil(places.streams.size / 10);
      // Readers of GET may come back for what they miss; who listens has to begin anew.
      streams.endOldest(tenth - sessions.letGo(tenth));
    },
  });
  const modernPost = createModernPost({ served, limits, clock, calls, streams });
  const streamPlaces = places.streams;
  const legacy = createLegacyHttp({
    ...{ sessions, cluster, limits, clock, calls, streamPlaces, onFault },
  });
  const sse =
    options.httpSse === true
      ? createHttpSse({ served, limits, platform, streamPlaces, calls, cluster })
      : undefined;

  return { admission, resource, cors, load, calls, streams, modernPost, legacy, sessions, sse };
}

function sealingKeysOf(
  { sessionSecrets }: EndpointOptions,
  store: KeyStore,
  platform: Platform,
  limits: Limits,
): SealingKeys {
  if (sessionSecrets === undefined) return keysIn(() => store, platform, limits);
  return givenKeys(readSecrets(sessionSecrets, 'sessionSecrets'), platform);
}
