import type { Client } from '../client/client.js';
import type { ConnectOptions } from '../connect.js';
import {
  type Era,
  eraOf,
  type LegacyRevision,
  newestLegacy,
  newestModern,
  type Revision,
} from '../protocol/revisions.js';
import { createServer, type Server, type ServerOptions } from '../server/index.js';
import { type ManualClock, manualPlatform } from './clock.js';
import { type Host, hostServer, type HostOptions, type TransportName } from './hosts.js';
import type { Wire } from './wire.js';

/** One place where a behaviour has to hold. */
export interface Cell {
  readonly transport: TransportName;
  readonly revision: Revision;
  readonly era: Era;
}

const both: readonly Revision[] = [newestModern, newestLegacy];

/** Which revisions each transport is tried with. */
const revisionsOn: { readonly [name in TransportName]: readonly Revision[] } = {
  memory: both,
  stdio: both,
  http: both,
  fetch: both,
  web: both,
  'http-sse': ['2024-11-05'],
};

/** Which eras each transport knows at all. */
const erasOn = (transport: TransportName): readonly Era[] =>
  transport === 'http-sse' ? ['legacy'] : ['modern', 'legacy'];

/** Where a behaviour applies, and what the server has to be like; everywhere by default. */
export interface Where {
  readonly transports?: readonly TransportName[];
  readonly eras?: readonly Era[];
  /** Other revisions than those that each transport is tried with. */
  readonly revisions?: readonly Revision[];
  readonly server?: Partial<ServerOptions>;
  readonly host?: Omit<HostOptions, 'platform'>;
}

/** What a behaviour is shown with. */
export interface Stage extends Cell {
  /** Empty at first: the body gives it what it needs, then connects. */
  readonly server: Server;
  /** Connects one more client, which speaks the revision of the cell. */
  connect(options?: ConnectOptions): Promise<Client>;
  readonly host: Host;
  readonly wire: Wire;
  readonly clock: ManualClock;
  /** What handlers threw and no peer may see. */
  readonly reported: readonly unknown[];
}

export interface MatrixOptions {
  /** Registers one test with the runner of your choice. */
  readonly test: (title: string, run: () => Promise<void>) => void;
}

export interface Matrix {
  (sentence: string, body: (stage: Stage) => Promise<void>): void;
  (sentence: string, where: Where, body: (stage: Stage) => Promise<void>): void;
}

/** A behaviour, stated once, becomes one test for each transport and era where it applies. */
export function createMatrix({ test }: MatrixOptions): Matrix {
  return (sentence: string, ...rest: [Body] | [Where, Body]) => {
    const [where, body] = rest.length === 1 ? [{}, rest[0]] : rest;
    for (const cell of cellsOf(where)) {
      const title = `${sentence} [${cell.transport}, ${cell.revision}]`;
      test(title, () => onStage(cell, where, body));
    }
  };
}

type Body = (stage: Stage) => Promise<void>;

export function cellsOf(where: Where = {}): readonly Cell[] {
  const transports = where.transports ?? (Object.keys(revisionsOn) as TransportName[]);
  return transports.flatMap((transport) =>
    (where.revisions ?? revisionsOn[transport]).flatMap((revision): Cell[] => {
      const era = eraOf(revision);
      if (era === undefined || !erasOn(transport).includes(era)) return [];
      return where.eras?.includes(era) === false ? [] : [{ transport, revision, era }];
    }),
  );
}

async function onStage(cell: Cell, where: Where, body: Body): Promise<void> {
  const platform = manualPlatform();
  const reported: unknown[] = [];
  const server = createServer({
    name: 'matrix',
    version: '1.0.0',
    platform,
    onError: (thrown) => void reported.push(thrown),
    ...where.server,
  });
  const host = await hostServer(cell.transport, server, { ...where.host, platform });
  const clients: Client[] = [];
  const connect = async (options: ConnectOptions = {}): Promise<Client> => {
    const client = await host.connect({ ...speaking(cell), ...options });
    clients.push(client);
    return client;
  };
  const { wire } = host;
  try {
    await body({ ...cell, server, connect, host, wire, clock: platform.clock, reported });
  } finally {
    await Promise.all(clients.map((client) => client.close()));
    await host.close();
    server.close();
  }
  // Whatever a call or a connection has set up must be gone with it.
  const { waiting } = platform.clock;
  if (waiting > 0) throw new Error(`${waiting} timers are left when all is closed`);
}

function speaking({ era, revision }: Cell): ConnectOptions {
  return era === 'modern' ? { era } : { era, revision: revision as LegacyRevision };
}
