/** Attacks of servers on clients, as data: what the server does, who suffers, and what ours says. */
import type { Limits } from '../../../src/limits.js';

/**
 * How the naive client suffers: it takes more than anybody should hold, comes back without end,
 * shows its credentials to another origin, believes what is no answer, waits for ever, breaks on
 * what it was told, puts bytes of the server into a header, opens what it should not, answers or
 * repeats whatever it is asked, and blocks everything else.
 */
export type Harm =
  | 'takes'
  | 'storms'
  | 'leaks'
  | 'believes'
  | 'waits'
  | 'breaks'
  | 'injects'
  | 'opens'
  | 'answers'
  | 'echoes'
  | 'blocks';

/** One request that the server got. */
export interface Asked {
  /** The method of the message; GET and DELETE have none. */
  readonly method: string;
  readonly id: number | string | undefined;
  readonly params: { readonly [name: string]: unknown };
  /** How many of this method have come, this one included. */
  readonly nth: number;
  /** The origin of somebody else. */
  readonly elsewhere: string;
}

/** What the server answers. Everything that is missing is as a good server has it. */
export interface Reply {
  readonly status?: number;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: string | Uint8Array;
  /** Messages, as events of a stream. */
  readonly messages?: readonly object[];
  /** The text of a stream. */
  readonly events?: string;
  /** The bytes on the wire, in place of all that. */
  readonly raw?: string;
  /** Follows, over and over, for as long as somebody takes it. */
  readonly forever?: string;
  /** What becomes of the answer then. Default: it ends. */
  readonly then?: 'end' | 'stay' | 'cut';
}

export type Era = 'modern' | 'legacy';

/** What ours says in the end: a result, or an error of this kind. */
export type Outcome = string;

export interface ClientAttack {
  readonly name: string;
  /** Default: both. */
  readonly eras?: readonly Era[];
  /** The method whose answer is the attack; GET is a stream that is asked
   * for. Coming back to a stream counts as the request that began it. Default: tools/call. */
  readonly at?: string | readonly string[];
  readonly reply: Reply | ((asked: Asked) => Reply);
  /** What is asked of the client. Default: it calls a tool. */
  readonly does?: 'call' | 'list' | 'connect' | 'listen';
  /** Limits of ours, smaller than they come, so that an attack need not be large. */
  readonly limits?: Partial<Limits>;
  /** Ours answers questions. */
  readonly answers?: boolean;
  /** By web fetch instead of the client of Node. */
  readonly byFetch?: boolean;
  /** How much time passes once the server has said everything, in ms. */
  readonly passes?: number;
  /** Instead of an outcome: ours waits this long before it asks again, in ms. */
  readonly pauses?: readonly [atLeast: number, atMost: number];
  readonly naive?: Harm;
  readonly ours?: Outcome | readonly Outcome[];
}

export interface ClientAttackGroup {
  readonly guard: string;
  readonly stoppedBy: string;
  readonly each: Required<Pick<ClientAttack, 'naive' | 'ours'>> & Partial<ClientAttack>;
  readonly attacks: readonly ClientAttack[];
}

/** What nobody but the server itself may see. */
export const secret = 'secret-of-the-user';

/** A good answer to `asked`. */
export function answerTo(asked: Asked, more: object = {}): object {
  const content = [{ type: 'text', text: 'done' }];
  return { jsonrpc: '2.0', id: asked.id, result: { resultType: 'complete', content, ...more } };
}

export function note(method: string, params: object = {}): object {
  return { jsonrpc: '2.0', method: `notifications/${method}`, params };
}

export const json = { 'content-type': 'application/json' };
export const sse = { 'content-type': 'text/event-stream' };
