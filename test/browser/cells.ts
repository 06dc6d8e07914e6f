/** What pages try, and what comes of it: at a server without any check, and at ours. */
import type { Way } from './requests.js';
import type { Refusal, TargetName } from './targets.js';

/** By what a page sends. */
export type Means =
  | 'fetch'
  | 'blind fetch'
  | 'image'
  | 'frame'
  | 'navigation'
  | 'form in a frame'
  | 'popup'
  | 'websocket';

/**
 * Where the page was loaded from. `moved`: from the very address and port of the server, before the
 * server came there. `rebound` and `rebound public`: by a name that then changed its address.
 * `local` and `public`: from another address, this machine's or one that the browser takes for the
 * internet's. Only rebound names need a name server.
 */
export type Stand = 'moved' | 'rebound' | 'rebound public' | 'local' | 'public';

/**
 * What a server suffers. `read`: it did what it was told, and the page has read the answer.
 * `acted`: it did so, unread. `twice`: it refused, and the browser asked again. `blocked`: nothing
 * came but at most the question whether a page may ask.
 */
export type Suffered = 'read' | 'acted' | 'twice' | 'refused' | 'blocked';

export interface Scene {
  readonly number: number;
  readonly name: string;
  readonly stand: Stand;
  /** The host that the page sends to; by default the one that it came from. */
  readonly to?: string;
  /** The server that shows that the scene works; `naive` unless said otherwise. */
  readonly control?: TargetName;
  readonly tries: readonly Try[];
}

export interface Try {
  readonly means: Means;
  readonly ways: readonly Way[];
  /** What comes of it at the control. */
  readonly control: Suffered;
  /** What of ours refuses it; absent where nothing comes. */
  readonly ours?: Refusal;
  /** What the browser says of the page: its origin, and how it stands to the server's site. */
  readonly says?: Saying;
}

export interface Saying {
  readonly origin: boolean;
  readonly site: string | undefined;
}

const every = ['POST', 'session', 'GET', 'DELETE', 'listen'] as const;
const posts = ['POST', 'session', 'listen'] as const;
const changes = [...posts, 'DELETE'] as const;
const onlyGet = ['GET'] as const;

// A rebound page is of the server's own origin, and the browser says nothing to strange names.
const onlyOrigin: Saying = { origin: true, site: undefined };
const nothing: Saying = { origin: false, site: undefined };
const originAndSite: Saying = { origin: true, site: 'cross-site' };
const onlySite: Saying = { origin: false, site: 'cross-site' };

export const scenes: readonly Scene[] = [
  {
    number: 1,
    name: 'a name of the page points here',
    stand: 'moved',
    tries: [{ means: 'fetch', ways: changes, control: 'read', ours: 'host', says: onlyOrigin }],
  },
  {
    number: 2,
    name: 'so it does for a GET',
    stand: 'moved',
    tries: [{ means: 'fetch', ways: onlyGet, control: 'read', ours: 'host', says: nothing }],
  },
  {
    number: 3,
    name: 'rebinding by a local page',
    stand: 'rebound',
    tries: [
      { means: 'fetch', ways: changes, control: 'read', ours: 'host', says: onlyOrigin },
      { means: 'fetch', ways: onlyGet, control: 'read', ours: 'host', says: nothing },
    ],
  },
  {
    number: 4,
    name: 'rebinding by a public page',
    stand: 'rebound public',
    tries: [{ means: 'fetch', ways: every, control: 'blocked' }],
  },
  {
    number: 5,
    name: 'rebinding by a public page with a popup',
    stand: 'rebound public',
    tries: [
      { means: 'popup', ways: posts, control: 'read', ours: 'host', says: onlyOrigin },
      { means: 'popup', ways: onlyGet, control: 'read', ours: 'host', says: nothing },
      // The window shows our refusal, whose policy forbids to fetch; and no form says DELETE.
      { means: 'popup', ways: ['DELETE'], control: 'read' },
    ],
  },
  {
    number: 6,
    name: 'a public page navigates',
    stand: 'public',
    to: '127.0.0.1',
    tries: [
      { means: 'navigation', ways: posts, control: 'acted', ours: 'origin', says: originAndSite },
      { means: 'navigation', ways: onlyGet, control: 'acted', ours: 'metadata', says: onlySite },
    ],
  },
  {
    number: 7,
    name: 'a local page of another site',
    stand: 'local',
    to: '127.0.0.1',
    tries: [
      { means: 'blind fetch', ways: posts, control: 'acted', ours: 'origin', says: originAndSite },
      { means: 'blind fetch', ways: onlyGet, control: 'acted', ours: 'metadata', says: onlySite },
      { means: 'websocket', ways: onlyGet, control: 'acted', ours: 'origin', says: onlyOrigin },
      { means: 'fetch', ways: every, control: 'blocked' },
    ],
  },
  {
    number: 8,
    name: 'a local page shows what is not its own',
    stand: 'local',
    to: '127.0.0.1',
    tries: [
      { means: 'image', ways: onlyGet, control: 'acted', ours: 'metadata', says: onlySite },
      { means: 'frame', ways: onlyGet, control: 'acted', ours: 'metadata', says: onlySite },
      {
        means: 'form in a frame',
        ways: posts,
        control: 'acted',
        ours: 'origin',
        says: originAndSite,
      },
    ],
  },
  {
    number: 9,
    name: 'all that by a public page',
    stand: 'public',
    to: '127.0.0.1',
    tries: [
      { means: 'fetch', ways: every, control: 'blocked' },
      { means: 'blind fetch', ways: [...posts, 'GET'], control: 'blocked' },
      { means: 'image', ways: onlyGet, control: 'blocked' },
      { means: 'frame', ways: onlyGet, control: 'blocked' },
      { means: 'form in a frame', ways: posts, control: 'blocked' },
      { means: 'websocket', ways: onlyGet, control: 'blocked' },
    ],
  },
  {
    number: 10,
    name: 'a local page says 0.0.0.0',
    stand: 'local',
    to: '0.0.0.0',
    tries: [
      { means: 'blind fetch', ways: posts, control: 'acted', ours: 'host', says: onlyOrigin },
      { means: 'blind fetch', ways: onlyGet, control: 'acted', ours: 'host', says: nothing },
      { means: 'image', ways: onlyGet, control: 'acted', ours: 'host', says: nothing },
    ],
  },
  {
    number: 11,
    name: 'a wrong Host is answered 421',
    stand: 'moved',
    control: 'misdirecting',
    tries: [
      { means: 'fetch', ways: changes, control: 'twice', ours: 'host', says: onlyOrigin },
      { means: 'fetch', ways: onlyGet, control: 'twice', ours: 'host', says: nothing },
    ],
  },
];

export interface Cell extends Try {
  readonly scene: Scene;
  readonly way: Way;
}

export const cells: readonly Cell[] = scenes.flatMap((scene) =>
  scene.tries.flatMap((one) => one.ways.map((way): Cell => ({ ...one, scene, way }))),
);
