import type { Limits } from '../../limits.js';
import type { Clock } from '../../platform/clock.js';
import type { Connection } from './connection.js';
import type { Names } from './names.js';
import type { Script } from './script.js';
import type { Subscriber } from './subscriber.js';

/** What all parts of the store share. */
export interface Shared {
  readonly connection: Connection;
  readonly subscriber: Subscriber;
  readonly names: Names;
  readonly limits: Limits;
  readonly clock: Clock;
  /** Runs what must not be lost: with `waitReplicas`, it rejects unless so many have it. */
  readonly keep: Connection['run'];
}

/** `run`, and then so many replicas have to say that they have it, too. */
export function keepOn(connection: Connection, replicas: number, limits: Limits): Shared['keep'] {
  if (replicas === 0) return (script, keys, args) => connection.run(script, keys, args);
  // Its own answer must be in time.
  const waitMs = Math.min(limits.storeReplicaMs, limits.storeCommandMs / 2);
  let waited: Promise<unknown> | undefined;
  // One question is enough for all that was sent in one turn.
  const wait = (): Promise<unknown> =>
    (waited ??= new Promise((resolve) => {
      process.nextTick(() => {
        waited = undefined;
        resolve(connection.call('WAIT', replicas, Math.ceil(waitMs)));
      });
    }));
  return async (script: Script, keys, args) => {
    const { resent } = connection;
    const [answer, asked] = await Promise.all([connection.run(script, keys, args), wait()]);
    // What was sent once more came after the question.
    const had = connection.resent === resent ? asked : await wait();
    if (Number(had) < replicas) {
      throw new Error(`Redis: ${String(had)} of ${replicas} replicas have it`);
    }
    return answer;
  };
}

/** What HGETALL answers. */
export function fieldsOf(answer: unknown): ReadonlyMap<string, string> {
  return new Map(pairsOf(answer));
}

/** Two and two of a flat list belong together. */
export function pairsOf(answer: unknown): (readonly [string, string])[] {
  const flat = answer as readonly string[];
  const pairs: [string, string][] = [];
  for (let at = 0; at < flat.length; at += 2) pairs.push([flat[at]!, flat[at + 1]!]);
  return pairs;
}

/** A bound; Infinity as Lua and sorted sets read it. */
export function numberOf(value: number): string | number {
  return value === Infinity ? '1e300' : value;
}
