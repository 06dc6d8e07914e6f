import { createRunning, type Running } from '../../engine/drain.js';
import { createLoad, type Load } from '../../engine/load.js';
import { McpError } from '../../errors.js';
import type { Served } from '../../exchange.js';
import type { Limits } from '../../limits.js';
import type { Platform } from '../../platform/platform.js';
import { quietly } from '../../platform/quietly.js';
import { type Admission, createAdmission } from './admission.js';
import { type Cors, createCors } from './cors.js';
import { createEdgePlaces } from './edge-places.js';
import type { EndpointOptions, OpenStores } from './endpoint-options.js';
import type { EdgeOptions } from './guard-options.js';
import { createHttpSse, type HttpSse } from './http-sse.js';
import { createLegacyHttp, type LegacyHttp } from './legacy.js';
import { createModernPost, type ModernPost } from './modern.js';
import { createRates } from './rates.js';
import { createResourceServer, type ResourceServer } from './resource-server.js';
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
  openStores: OpenStores,
  { limits, platform, guardOptions, ownOrigins }: EdgeParts,
): Edge {
  const { clock } = platform;
  const places = createEdgePlaces(limits, guardOptions.isPrivate);
  const calls = createRunning(clock, places.calls);
  const streams = createRunning(clock, places.streams);
  const report = (error: McpError): void => quietly(() => options.onError?.(error));
  const onFault = (cause: unknown): void =>
    report(new McpError('internal', 'A store failed', { cause }));
  const { rateStore, ...stores } = openStores(limits, platform);
  const sessions = createSessions({
    served,
    limits,
    platform,
    places: places.sessions,
    onFault,
    ...stores,
  });
  const rates = createRates(rateStore, limits);
  const { isPrivate, proxies } = guardOptions;
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
  const legacy = createLegacyHttp({ sessions, limits, clock, calls, streamPlaces, onFault });
  const sse =
    options.httpSse === true
      ? createHttpSse({ served, limits, platform, streamPlaces, calls })
      : undefined;

  return { admission, resource, cors, load, calls, streams, modernPost, legacy, sessions, sse };
}
