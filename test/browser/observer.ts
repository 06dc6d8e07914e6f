/** What a browser sent to a server of this process, and how that was answered. */
import { channel } from 'node:diagnostics_channel';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** One request of a browser. */
export interface Seen {
  readonly method: string;
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** Sec-Fetch-Site and Sec-Fetch-Mode. */
  readonly site: string | undefined;
  readonly mode: string | undefined;
  readonly type: string | undefined;
  /** 0 while it is not answered. */
  status: number;
}

export interface Observer {
  /** In the order of their coming, since the last `forget`. */
  readonly seen: readonly Seen[];
  forget(): void;
  /** Resolves once as many requests have come, and all that came are answered. */
  answered(count: number): Promise<void>;
  stop(): void;
}

interface Started {
  readonly request: IncomingMessage;
}
interface Finished extends Started {
  readonly response: ServerResponse;
}

const starts = channel('http.server.request.start');
const finishes = channel('http.server.response.finish');

/** Watches what browsers ask of `path` at `port`; what Node itself asks is left out. */
export function observe(port: number, path: string = '/mcp'): Observer {
  let all = new Map<IncomingMessage, Seen>();
  let wake: (() => void)[] = [];
  const onStart = (event: unknown): void => {
    const { request } = event as Started;
    const { headers, method = '', url = '', socket } = request;
    if (socket.localPort !== port || url.split('?', 1)[0] !== path) return;
    if (headers['user-agent']?.startsWith('Mozilla') !== true) return;
    const one = (name: string): string | undefined => headers[name]?.toString();
    const [host, origin, type] = [one('host'), one('origin'), one('content-type')];
    const [site, mode] = [one('sec-fetch-site'), one('sec-fetch-mode')];
    all.set(request, { method, host, origin, site, mode, type, status: 0 });
  };
  const onFinish = (event: unknown): void => {
    const { request, response } = event as Finished;
    const seen = all.get(request);
    if (seen === undefined) return;
    seen.status = response.statusCode;
    for (const resolve of wake.splice(0)) resolve();
  };
  starts.subscribe(onStart);
  finishes.subscribe(onFinish);
  return {
    get seen() {
      return [...all.values()];
    },
    forget() {
      all = new Map();
      wake = [];
    },
    async answered(count) {
      const isMissing = ({ status }: Seen): boolean => status === 0;
      while (all.size < count || [...all.values()].some(isMissing))
        await new Promise<void>((resolve) => wake.push(resolve));
    },
    stop() {
      starts.unsubscribe(onStart);
      finishes.unsubscribe(onFinish);
    },
  };
}
