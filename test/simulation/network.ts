import type { HttpRequest, HttpSend } from '../../src/transports/http/send.js';
import type { WireReply, WireRequest } from '../../src/transports/http/wire.js';
import { type Connection, openConnection } from './connection.js';
import type { Dice } from './dice.js';
import type { Faults } from './faults.js';
import type { Oracle } from './oracle.js';
import type { Plant } from './plant.js';
import { type Places, receiveBody, receiveEvents } from './received.js';
import type { Scheduler } from './scheduler.js';
import type { SentLog } from './stores.js';

export interface NetworkOptions {
  readonly scheduler: Scheduler;
  readonly dice: Dice;
  readonly faults: () => Faults;
  readonly oracle: Oracle;
  readonly sent: SentLog;
  readonly plant: Plant;
}

/** Who answers at the one address there is; returns its name, or undefined where nobody does. */
export type Site = (request: WireRequest, reply: WireReply) => string | undefined;

/** Connections between clients and whoever serves at the time. */
export interface Network {
  /** Undefined while nobody listens. A gateway would stand here, as a site and as a client. */
  site: Site | undefined;
  /** The HTTP client of one client. */
  sendOf(client: string): HttpSend;
  readonly open: number;
  /** Ends what is open with one client or one server. */
  cut(by: string, end: string): void;
}

/** What one answer may have waiting in the network: room, a batch, and the last words. */
const waitingBytesMax = 24 * 1024;

export function createNetwork(options: NetworkOptions): Network {
  const { scheduler, dice, faults, oracle, sent, plant } = options;
  /** Whom each is between. */
  const open = new Map<Connection, Set<string>>();
  let last = 0;

  const serve = (ends: Set<string>, request: WireRequest, reply: WireReply): boolean => {
    const { site } = network;
    if (site === undefined) return false;
    const times = plant.arrivals?.(dice) ?? 1;
    for (let time = 0; time < times; time++) {
      const name = site(request, time === 0 ? reply : silent(reply));
      if (name === undefined) return false;
      ends.add(name);
    }
    return true;
  };
  const sendOnce = (client: string, places: Places, request: HttpRequest): Connection => {
    const name = `#${++last}`;
    const ends = new Set([client]);
    const lastEventId = request.headers['last-event-id'];
    const isAnew = request.method === 'GET' && lastEventId === undefined;
    const events = receiveEvents({ client, oracle, sent, places, isAnew });
    const body = receiveBody({ client, oracle });
    const note = (text: string): void => {
      oracle.note(`${name} ${text}`);
    };
    note(`${client} ${request.method} ${lastEventId ?? ''} ${request.body ?? ''}`);
    const connection = openConnection({
      ...{ name, request, scheduler, dice, faults, note },
      serve: (wire, reply) => serve(ends, wire, reply),
      hidesStalls: plant.hidesStalls === true,
      onPiece(piece, kind) {
        const pieces = plant.piece?.(piece, kind, dice) ?? [piece];
        for (const one of pieces) {
          if (kind === 'stream') events.take(one);
          else if (kind === 'message') body.take(one);
        }
        return pieces;
      },
      onWaiting(bytes) {
        if (bytes <= waitingBytesMax) return;
        oracle.violate('bounded memory', `${name}: ${bytes} bytes wait for its reader`);
      },
      onOver() {
        body.end();
        open.delete(connection);
      },
    });
    open.set(connection, ends);
    return connection;
  };

  const network: Network = {
    site: undefined,
    sendOf(client) {
      const places: Places = new Map();
      const send: HttpSend = (request) => sendOnce(client, places, request).answer;
      return plant.send?.(send, dice) ?? send;
    },
    get open() {
      return open.size;
    },
    cut(by, end) {
      for (const [connection, ends] of open) if (ends.has(end)) connection.cut(by);
    },
  };
  return network;
}

/** An answer that nobody gets. */
function silent(reply: WireReply): WireReply {
  return {
    ...reply,
    vanished: false,
    send: () => undefined,
    open: () => undefined,
    write: () => true,
    end: () => undefined,
    cut: () => undefined,
  };
}
