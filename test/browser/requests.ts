/** What an attacker wants to say to a server, whatever the page has to say it by. */
import {
  initialize,
  legacyCall,
  modern,
  modernCall,
  onSession,
  type Parts,
} from '../hostile/attack.js';

/** A call in the modern era, one in a session, and the other doors of a server. */
export const ways = ['POST', 'session', 'GET', 'DELETE', 'listen'] as const;
export type Way = (typeof ways)[number];

/** A request that a page sends. */
export interface PageRequest {
  readonly method: string;
  readonly headers: { readonly [name: string]: string };
  readonly body?: string;
}

/** The best that an attacker can send: it even knows the id of a session that somebody opened. */
export function requestsFor(way: Way, session: string): readonly PageRequest[] {
  if (way === 'POST') return [pageRequest(modernCall('wipe'))];
  if (way === 'listen') return [pageRequest(listen)];
  if (way === 'session') return [initialize, legacyCall('wipe', session)].map(pageRequest);
  return [pageRequest(onSession(way, session))];
}

const listen: Parts = {
  ...modernCall(''),
  headers: {
    ...modernCall('').headers,
    'mcp-method': 'subscriptions/listen',
    'mcp-name': null,
  },
  body: modern('subscriptions/listen', { notifications: { toolsListChanged: true } }),
};

/** Host and its like are the browser's own. */
export function pageRequest({ method, headers, body }: Parts): PageRequest {
  const own = Object.entries(headers).flatMap(([name, value]) =>
    typeof value === 'string' && name !== 'host' ? [[name, value] as const] : [],
  );
  const said = { method, headers: Object.fromEntries(own) };
  return body === undefined ? said : { ...said, body: JSON.stringify(body) };
}
