import { McpError } from '../../src/errors.js';
import type { Io, Middleware } from '../../src/exchange.js';
import { isJsonObject, type JsonObject } from '../../src/json-rpc/message.js';
import type { StoredEvent, StreamKey, StreamPurpose } from '../../src/stores/event-store.js';
import type { Dice } from './dice.js';
import type { Invariant } from './oracle.js';
import type { Plant } from './plant.js';

/** A fault, what has to notice it, and within how many schedules. */
export interface Planted {
  readonly plant: () => Plant;
  readonly invariant: Invariant;
  readonly seedsMax: number;
}

type Replay = (events: readonly StoredEvent[], dice: Dice) => readonly StoredEvent[];

/** Changes what is read of a stream. */
function onReplay(change: Replay): () => Plant {
  return () => ({
    result: (method, _args, result, dice) =>
      method === 'after' && Array.isArray(result) && result.length > 0
        ? change(result as StoredEvent[], dice)
        : result,
  });
}

/** Stands around calls of tools. */
function onCalls(change: (dice: Dice) => Middleware): () => Plant {
  return () => ({
    exchange: (dice) => (next) => {
      const changed = change(dice)(next);
      return (request, io) =>
        request.method === 'tools/call' ? changed(request, io) : next(request, io);
    },
  });
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Changes the events that arrive as a whole. */
function onEvents(
  change: (events: readonly string[], dice: Dice) => readonly string[],
): () => Plant {
  return () => ({
    piece(piece, kind, dice) {
      const text = decoder.decode(piece);
      if (kind !== 'stream' || !/^(?:id|data): [^]*\n\n$/.test(text)) return [piece];
      const events = text.slice(0, -2).split('\n\n');
      return change(events, dice).map((event) => encoder.encode(`${event}\n\n`));
    },
  });
}

function isProgress(event: string): boolean {
  return event.includes('notifications/progress');
}

/** Never settles, whatever became of what it stands for. */
const never = new Promise<never>(() => undefined);

/** The same, but for what becomes of its notices. */
function withEmit(io: Io, emit: Io['emit']): Io {
  return {
    get signal() {
      return io.signal;
    },
    ...{ peer: io.peer, emit, ask: io.ask, detach: io.detach, task: io.task },
    ...{ paramHeaders: io.paramHeaders, deadline: io.deadline },
  };
}

/** Some notices of a call go to another that runs. */
function crossNotices(dice: Dice): Middleware {
  const running = new Set<Io>();
  return (next) => async (request, io) => {
    running.add(io);
    try {
      const emit: Io['emit'] = (notification) => dice.pick([io, ...running]).emit(notification);
      return await next(request, withEmit(io, emit));
    } finally {
      running.delete(io);
    }
  };
}

/** What a store was given in another session is handed out in this one. */
function crossSessions(): Plant {
  const sessions = new Map<string, string>();
  return {
    result(method, args, result) {
      const { session = '' } = (args[0] ?? {}) as { readonly session?: string };
      const data = args.find((arg) => typeof arg === 'string' && arg.startsWith('{'));
      const event = args.find((arg) => typeof arg === 'object' && arg !== null && 'data' in arg);
      if (method === 'append') {
        sessions.set(session, (event as StoredEvent | undefined)?.data ?? String(data));
      }
      const other = [...sessions].find(([name]) => name !== session)?.[1];
      if (method !== 'after' || !Array.isArray(result) || other === undefined) return result;
      return (result as StoredEvent[]).map((one) => ({ ...one, data: other }));
    },
  };
}

/** Whoever reads what another writes misses some of it. */
function skippingFollower(): Plant {
  const owners = new Map<string, string>();
  return {
    result(method, args, result, _dice, node) {
      const { session, stream } = (args[0] ?? {}) as Partial<StreamKey>;
      const key = `${session} ${stream}`;
      if (method === 'begin') owners.set(key, (args[1] as StreamPurpose).owner);
      if (method === 'claim' && result !== undefined) owners.set(key, String(args[2]));
      const owner = owners.get(key);
      // A node that is alone goes by a name that it draws.
      const isFollower = owner !== undefined && /^n\d$/.test(owner) && owner !== node;
      if (method !== 'after' || !isFollower || !Array.isArray(result)) return result;
      return (result as StoredEvent[]).slice(1);
    },
  };
}

/** The answer to one question is taken for that to another. */
function crossAnswers(): Plant {
  let before: JsonObject | undefined;
  return {
    told(topic, body) {
      const response = body['response'];
      if (topic !== 'session/answer' || !isJsonObject(response)) return body;
      const result = before ?? response;
      before = response;
      return { ...body, response: { ...response, result: result['result'] } };
    },
  };
}

export const planted = {
  'a node that does not learn that it has missed something': {
    plant: () => ({ hidesMissed: true }),
    invariant: 'no gap',
    seedsMax: 1000,
  },
  'a node that skips what another has written': {
    plant: skippingFollower,
    invariant: 'no gap',
    seedsMax: 3000,
  },
  'an answer that another node takes for that to another question': {
    plant: crossAnswers,
    invariant: 'no crossing',
    seedsMax: 3000,
  },
  'a store that hands out the last event first': {
    plant: onReplay((events) => [...events].reverse()),
    invariant: 'in order',
    seedsMax: 1000,
  },
  'a store that hands out an event twice': {
    plant: onReplay(([first, ...rest]) => (first === undefined ? [] : [first, first, ...rest])),
    invariant: 'no duplicate',
    seedsMax: 200,
  },
  "a store that hands out another session's events": {
    plant: crossSessions,
    invariant: 'no crossing',
    seedsMax: 500,
  },
  'a proxy that swallows an event': {
    plant: onEvents((events, dice) => (dice.chance(0.05) ? events.slice(1) : events)),
    invariant: 'no gap',
    seedsMax: 100,
  },
  'a proxy that delivers an event twice': {
    plant: onEvents((events, dice) =>
      dice.chance(0.05) && isProgress(events[0] ?? '')
        ? [...events.slice(0, 1), ...events]
        : events,
    ),
    invariant: 'no duplicate',
    seedsMax: 200,
  },
  'a proxy that sends a request again': {
    plant: () => ({ arrivals: (dice) => (dice.chance(0.05) ? 2 : 1) }),
    invariant: 'one ending',
    seedsMax: 200,
  },
  'a client that is deaf to the end of a body': {
    plant: () => ({
      send: (send) => async (request) => {
        const answer = await send(request);
        return { ...answer, read: (onChunk) => answer.read(onChunk).catch(() => never) };
      },
    }),
    invariant: 'everything ends',
    seedsMax: 200,
  },
  'work that never ends': {
    plant: onCalls((dice) => (next) => async (request, io) => {
      const result = await next(request, io);
      return dice.chance(0.05) ? never : result;
    }),
    invariant: 'everything ends',
    seedsMax: 100,
  },
  'a timer that is left behind': {
    plant: () => ({
      clock: (clock, dice) => ({
        ...clock,
        after(ms, action) {
          const stop = clock.after(ms, action);
          return dice.chance(0.02) ? () => undefined : stop;
        },
      }),
    }),
    invariant: 'everything ends',
    seedsMax: 100,
  },
  'a queue without a bound': {
    plant: () => ({ hidesStalls: true }),
    invariant: 'bounded memory',
    seedsMax: 1000,
  },
  'notices that go to another call': {
    plant: onCalls(crossNotices),
    invariant: 'no crossing',
    seedsMax: 200,
  },
  'a notice that is dropped': {
    plant: onCalls((dice) => (next) => (request, io) => {
      const emit: Io['emit'] = (notification) =>
        dice.chance(0.1) ? undefined : io.emit(notification);
      return next(request, withEmit(io, emit));
    }),
    invariant: 'no gap',
    seedsMax: 100,
  },
  'the result of another call': {
    plant: onCalls(() => {
      let before: Awaited<ReturnType<ReturnType<Middleware>>> | undefined;
      return (next) => async (request, io) => {
        const result = await next(request, io);
        const given = before ?? result;
        before = result;
        return given;
      };
    }),
    invariant: 'one ending',
    seedsMax: 100,
  },
  'an error that denies what was done': {
    plant: onCalls((dice) => (next) => async (request, io) => {
      const result = await next(request, io);
      if (dice.chance(0.1)) throw new McpError('unavailable', 'Come back later');
      return result;
    }),
    invariant: 'true endings',
    seedsMax: 100,
  },
} satisfies { readonly [name: string]: Planted };
