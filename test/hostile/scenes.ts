/** What happened before an attack, by name. Each scene answers the words that the attack uses. */
import { initialize, inSession, legacyCall, onSession, type Parts } from './attack.js';
import type { Words } from './bytes.js';
import type { Heard } from './raw-http.js';
import { secret } from './victim.js';

/** The well-behaved client of a scene. */
export interface Actor {
  send(parts: Parts): Promise<Heard>;
  /** Sends what is not answered soon; resolves once the server works at it. */
  begin(parts: Parts): Promise<void>;
}

type Scene = (actor: Actor) => Promise<Words>;

const alice = { authorization: 'Bearer alice' };

function as(parts: Parts, headers: Parts['headers']): Parts {
  return { ...parts, headers: { ...parts.headers, ...headers } };
}

const openSession: Scene = async ({ send }) => {
  const { headers } = await send(as(initialize, alice));
  const session = headers.get('mcp-session-id') ?? '';
  await send(as(inSession({ method: 'notifications/initialized' }, session), alice));
  return { session };
};

export const scenes = {
  'a session of alice': openSession,
  'an event of alice': async (actor) => {
    const { session = '' } = await openSession(actor);
    const params = { name: 'echo', arguments: { text: secret }, _meta: { progressToken: 1 } };
    const call = inSession({ id: 1, method: 'tools/call', params }, String(session));
    const { body } = await actor.send(as(call, alice));
    const event = /^id: (\S+)$/m.exec(body)?.[1] ?? '';
    return { session, event, stream: event.split('.', 1)[0]! };
  },
  'a session that alice has ended': async (actor) => {
    const words = await openSession(actor);
    await actor.send(as(onSession('DELETE', String(words['session'])), alice));
    return words;
  },
  'a call of alice in flight': async (actor) => {
    const words = await openSession(actor);
    await actor.begin(as(legacyCall('hold', String(words['session'])), alice));
    return words;
  },
  'a stream of alice': async (actor) => {
    const words = await openSession(actor);
    await actor.begin(as(onSession('GET', String(words['session'])), alice));
    return words;
  },
} satisfies { readonly [name: string]: Scene };

export type SceneName = keyof typeof scenes;
