/** Event streams of both eras: the requests for them, and what came by them. */
import { inSession, modern, modernCall, onSession, type Parts } from '../hostile/attack.js';
import { wireBytes } from '../hostile/bytes.js';
import type { Talk } from './target.js';

const progressToken = 'floods';

/** A modern call of `talk`. */
export function modernTalk(talk: Talk): Parts {
  return modernCall('talk', talk, { progressToken });
}

/** The same in a session. */
export function legacyTalk(session: string, id: number, talk: Talk): Parts {
  const params = { name: 'talk', arguments: talk, _meta: { progressToken } };
  return inSession({ id, method: 'tools/call', params }, session);
}

export function listenTo(uri: string): Parts {
  const method = 'subscriptions/listen';
  const { headers, ...rest } = modernCall('');
  const body = modern(method, { notifications: { resourceSubscriptions: [uri] } });
  return { ...rest, headers: { ...headers, 'mcp-method': method, 'mcp-name': null }, body };
}

/** Has a session watch `uri`. */
export function subscribeTo(session: string, uri: string): Parts {
  return inSession({ id: 'watch', method: 'resources/subscribe', params: { uri } }, session);
}

/** Comes back for what follows an event. */
export function resumeAfter(session: string, lastEventId: string): Parts {
  const parts = onSession('GET', session);
  return { ...parts, headers: { ...parts.headers, 'last-event-id': lastEventId } };
}

export function textOf(parts: Parts, port: number): string {
  return wireBytes(parts, { port }).toString('latin1');
}

/** One event of a stream: its id, and the message that it carries. */
export interface Event {
  readonly id: string | undefined;
  readonly message: Message | undefined;
}

export interface Message {
  readonly id?: unknown;
  readonly method?: string;
  readonly params?: {
    readonly progress?: number;
    readonly message?: string;
    readonly uri?: string;
  };
  readonly result?: unknown;
}

/** The whole events of a reply, chunked or not; the last may have been cut. */
export function eventsIn(reply: string): Event[] {
  return withoutChunks(reply)
    .split('\n\n')
    .slice(0, -1)
    .flatMap((text) => {
      const fields = new Map(
        text.split('\n').map((line): [string, string] => {
          const [name = '', value = ''] = line.split(/: ?(.*)/s, 2);
          return [name, value];
        }),
      );
      const data = fields.get('data');
      if (data === undefined) return [];
      const message = data === '' ? undefined : (JSON.parse(data) as Message);
      return { id: fields.get('id'), message };
    });
}

/** The body of a reply. Lines of its chunks are gone; a chunk that was cut ends where it was cut. */
function withoutChunks(reply: string): string {
  const headEnd = reply.indexOf('\r\n\r\n') + 4;
  const head = reply.slice(0, headEnd).toLowerCase();
  if (!head.includes('transfer-encoding: chunked')) return reply.slice(headEnd);
  let body = '';
  let at = headEnd;
  while (at < reply.length) {
    const lineEnd = reply.indexOf('\r\n', at);
    const size = lineEnd === -1 ? NaN : Number.parseInt(reply.slice(at, lineEnd), 16);
    if (!(size > 0)) break;
    body += reply.slice(lineEnd + 2, lineEnd + 2 + size);
    at = lineEnd + 2 + size + 2;
  }
  return body;
}

/** The values of progress among events, in their order. */
export function progressIn(events: readonly Event[]): number[] {
  return events.flatMap(({ message }) => message?.params?.progress ?? []);
}
