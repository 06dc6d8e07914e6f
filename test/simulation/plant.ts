import type { Middleware } from '../../src/exchange.js';
import type { JsonObject } from '../../src/json-rpc/message.js';
import type { Clock } from '../../src/platform/clock.js';
import type { HttpSend } from '../../src/transports/http/send.js';
import type { AnswerKind } from './connection.js';
import type { Dice } from './dice.js';

/**
 * A fault that no part of the library may be blamed for, put where it would be if there were one:
 * the simulation has to notice.
 */
export interface Plant {
  /** Changes what a store returns. */
  readonly result?: (
    method: string,
    args: readonly unknown[],
    result: unknown,
    dice: Dice,
    node: string,
  ) => unknown;
  /** Changes what one node hears of another. */
  readonly told?: (topic: string, body: JsonObject) => JsonObject;
  /** Changes what reaches a client. */
  readonly piece?: (piece: Uint8Array, kind: AnswerKind, dice: Dice) => readonly Uint8Array[];
  /** Stands in for the HTTP client. */
  readonly send?: (send: HttpSend, dice: Dice) => HttpSend;
  /** Stands around every request of a server. */
  readonly exchange?: (dice: Dice) => Middleware;
  /** Stands in for the clock of a server. */
  readonly clock?: (clock: Clock, dice: Dice) => Clock;
  /** How many times a request arrives that was sent once. */
  readonly arrivals?: (dice: Dice) => number;
  /** Servers are never told to wait for a reader. */
  readonly hidesStalls?: boolean;
  /** No node is told that it has missed something. */
  readonly hidesMissed?: boolean;
}

export const noPlant: Plant = {};
