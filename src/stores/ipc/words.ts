import type { JsonObject } from '../../json-rpc/message.js';

/**
 * What one process serves of its store to others on the machine: which methods, by the part that
 * has them. `events.watch` and the cluster are served in their own words.
 */
export const servedMethods = {
  sessions: ['add', 'replace', 'touch', 'get', 'delete'],
  events: ['begin', 'append', 'after', 'state', 'claim', 'finish', 'forget', 'forgetSession'],
  rates: ['take'],
  tasks: ['add', 'put', 'claim', 'get', 'list', 'expire'],
  keys: ['ring'],
} as const;

export type ServedPart = keyof typeof servedMethods;

/** To the process that has the store. */
export type ToOwner =
  | {
      readonly is: 'call';
      readonly id: number;
      readonly part: string;
      readonly method: string;
      readonly args: readonly unknown[];
    }
  | {
      readonly is: 'watch';
      readonly id: number;
      readonly watchId: number;
      readonly key: unknown;
    }
  | { readonly is: 'unwatch'; readonly watchId: number }
  | { readonly is: 'alive'; readonly id: number; readonly node: string }
  | { readonly is: 'tell'; readonly topic: string; readonly body: JsonObject }
  | {
      readonly is: 'ask';
      readonly id: number;
      readonly node: string;
      readonly topic: string;
      readonly body: JsonObject;
    }
  | { readonly is: 'taken'; readonly id: number; readonly isTaken: boolean }
  | { readonly is: 'pong' };

/** From it. */
export type FromOwner =
  | { readonly is: 'done'; readonly id: number; readonly value: unknown }
  | { readonly is: 'failed'; readonly id: number; readonly message: string }
  | { readonly is: 'changed'; readonly watchId: number }
  | { readonly is: 'told'; readonly topic: string; readonly body: JsonObject }
  | {
      readonly is: 'asked';
      readonly id: number;
      readonly topic: string;
      readonly body: JsonObject;
    }
  /** Something was not told it, for it did not answer. */
  | { readonly is: 'missed' }
  | { readonly is: 'ping' };

/** One end of a channel between two processes: values arrive whole, in order, as copies. */
export interface IpcPort {
  send(message: unknown): void;
  onMessage(heard: (message: unknown) => void): void;
}
