import { McpError } from '../../errors.js';
import type { Notification } from '../../exchange.js';
import { isJsonObject, type JsonObject, type ResponseMessage } from '../../json-rpc/message.js';
import type { Clock } from '../../platform/clock.js';
import type { Cluster } from '../../stores/cluster-store.js';
import type { HttpSession } from './http-session.js';
import { cancelHere } from './session-cancel.js';

/** What nodes say to each other of the sessions that they share. */
export const topics = {
  /** To who writes its stream of GET: what is kept of a session has changed. Nobody knows yet. */
  changing: 'session/changing',
  /** To all: what is kept of a session has changed. */
  changed: 'session/changed',
  /** To all: a session has ended. */
  ended: 'session/ended',
  /** To all: a request was cancelled, wherever it runs. */
  cancelled: 'session/cancelled',
  /** To all: a notice for the stream of GET, wherever it is written. */
  notice: 'session/notice',
  /** To who asked: the answer of the client. */
  answer: 'session/answer',
  /** To who writes a stream of GET: is it alive? */
  standing: 'session/standing',
  /** To who wrote a stream: another node does now. True if the store has all that was written. */
  claimed: 'session/claimed',
  /** To who writes a stream: somebody reads it elsewhere, or does not any more. */
  reader: 'session/reader',
  /** To all: who wrote the stream of GET until lately may have missed something before. */
  missed: 'session/missed',
  /** To all: the reader of a stream has come back, to another node. */
  followed: 'session/followed',
} as const;

// A standing stream counts as alive when its reader took something in the last 20 s (decision 16).
const aliveMs = 20_000;

/** No node has a longer name: a client cannot have us look for one. */
const nodeNameMax = 64;

export interface SessionNewsOptions {
  readonly cluster: Cluster;
  readonly clock: Clock;
  /** The session at work here that stores know by `hash`. */
  readonly find: (hash: string) => HttpSession | undefined;
  /**
   * What is kept of it is another now; resolves when it is that here, too. `isInTime`: nobody was
   * told yet.
   */
  readonly refresh: (http: HttpSession, isInTime: boolean) => Promise<boolean>;
  /** It has ended elsewhere. */
  readonly drop: (http: HttpSession) => void;
}

/** Listens to the other nodes, until the returned function is called. */
export function hearSessionNews(options: SessionNewsOptions): () => void {
  const { cluster, clock, find, refresh, drop } = options;
  type Heard = (http: HttpSession, body: JsonObject) => boolean | void | Promise<boolean>;
  const hear = (topic: string, heard: Heard): (() => void) =>
    cluster.hear(topic, (body) => {
      const { session } = body;
      const http = typeof session === 'string' ? find(session) : undefined;
      return http === undefined ? false : (heard(http, body) ?? false);
    });
  const stops = [
    hear(topics.changing, (http) => refresh(http, true)),
    hear(topics.changed, (http) => refresh(http, false)),
    hear(topics.ended, drop),
    hear(topics.cancelled, (http, { id }) => {
      if (typeof id === 'string' || typeof id === 'number') cancelHere(http, id);
    }),
    hear(topics.notice, (http, { notification }) => {
      if (isNotice(notification)) http.session.announce.tell(notification);
    }),
    hear(topics.answer, (http, { response }) =>
      isJsonObject(response)
        ? http.questions.answer(response as unknown as ResponseMessage)
        : false,
    ),
    hear(topics.standing, (http, { stream }) => {
      const { announced } = http.streams;
      return announced?.name === stream && isAlive(announced?.reader, clock);
    }),
    hear(topics.claimed, (http, { stream }) => {
      const written = typeof stream === 'string' ? http.streams.written(stream) : undefined;
      // Whoever has claimed it knows of nothing that the store did not take.
      const isWhole = written?.isWhole === true;
      written?.lose();
      return isWhole;
    }),
    hear(topics.reader, (http, { stream, node, isThere, seq }) => {
      if (typeof stream !== 'string' || typeof node !== 'string') return;
      const upTo = typeof seq === 'number' ? seq : 0;
      http.streams.written(stream)?.readElsewhere(node, isThere === true, upTo);
    }),
    hear(topics.missed, async ({ session: { announce }, streams }) => {
      if (streams.announced === undefined) return false;
      await announce.tellEverything();
      return true;
    }),
    hear(topics.followed, (http, { stream }) => {
      if (typeof stream === 'string') http.streams.letGo(stream);
    }),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/** Whether a reader has taken something lately. */
export function isAlive(
  reader: { readonly acceptedAt: number } | undefined,
  clock: Clock,
): boolean {
  return reader !== undefined && clock.now() - reader.acceptedAt < aliveMs;
}

/**
 * Hands the answer to a question to the node that has asked, which is named in the question's id.
 * False when nobody waits for it.
 */
export async function passOn(
  cluster: Cluster,
  http: HttpSession,
  response: ResponseMessage,
): Promise<boolean> {
  const node = typeof response.id === 'string' ? nodeOf(response.id) : undefined;
  if (node === undefined || node === cluster.self) return false;
  try {
    return await cluster.ask(node, topics.answer, {
      session: http.hash,
      response: { ...response },
    });
  } catch (cause) {
    throw new McpError('unavailable', 'Who asked cannot be reached just now; try again', { cause });
  }
}

/** Names questions so that their answers find back, whichever node they come to. */
export function questionId(node: string, count: number): string {
  return `${node}.${count}`;
}

function nodeOf(id: string): string | undefined {
  const dot = id.lastIndexOf('.');
  return dot > 0 && dot <= nodeNameMax ? id.slice(0, dot) : undefined;
}

function isNotice(value: unknown): value is Notification {
  return isJsonObject(value) && typeof value['method'] === 'string';
}
