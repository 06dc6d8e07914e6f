import { McpError } from '../../src/errors.js';
import { type HttpAnswer, type HttpRequest, unanswered } from '../../src/transports/http/send.js';
import type { WireReply, WireRequest } from '../../src/transports/http/wire.js';
import type { Dice } from './dice.js';
import { createDownstream } from './downstream.js';
import type { Faults } from './faults.js';
import type { Scheduler } from './scheduler.js';

const encoder = new TextEncoder();

/** Events, one message, or something else, which is no word of the protocol's. */
export type AnswerKind = 'stream' | 'message' | 'refusal';

export interface ConnectionOptions {
  readonly name: string;
  readonly request: HttpRequest;
  readonly scheduler: Scheduler;
  readonly dice: Dice;
  readonly faults: () => Faults;
  /** Hands it to the server; false where nobody listens. */
  readonly serve: (request: WireRequest, reply: WireReply) => boolean;
  /** Sees each piece as it reaches the client, which gets what this returns. */
  readonly onPiece: (piece: Uint8Array, kind: AnswerKind) => readonly Uint8Array[];
  /** The server is never told to wait for the reader. */
  readonly hidesStalls: boolean;
  /** Told how many bytes wait for the reader. */
  readonly onWaiting: (bytes: number) => void;
  readonly note: (text: string) => void;
  /** Called once, when the client has done with it. */
  readonly onOver: () => void;
}

/** One request on a connection of its own. */
export interface Connection {
  readonly answer: Promise<HttpAnswer>;
  cut(by: string): void;
}

/**
 * Bytes go both ways in pieces of any size, late, and may stop anywhere. Whoever reads learns of a
 * cut at once, the server later.
 */
export function openConnection(options: ConnectionOptions): Connection {
  const { name, request, scheduler, dice, faults, serve, note } = options;
  const { signal, url } = request;
  let isOver = false;
  let fail = (_error: unknown): void => undefined;
  let resolve = (_answer: HttpAnswer): void => undefined;
  const answer = new Promise<HttpAnswer>((resolveNow, reject) => {
    [resolve, fail] = [resolveNow, reject];
  });
  const later = (what: string, action: () => void): void =>
    void scheduler.after(dice.between(0, 30), `${name} ${what}`, action);

  const over = (): void => {
    if (isOver) return;
    isOver = true;
    signal?.removeEventListener('abort', abort);
    options.onOver();
  };
  const cut = (by: string): void => {
    if (isOver) return;
    note(`cut by ${by}`);
    over();
    fail(unanswered(url, Object.assign(new Error('cut'), { code: 'ECONNRESET' })));
    downstream.cut();
    const ms = dice.chance(faults().stall) ? dice.between(1000, 9000) : dice.between(0, 30);
    scheduler.after(ms, `${name} is gone`, () => downstream.vanish());
  };
  const abort = (): void => cut('its client');
  const refuse = (): void => {
    if (isOver) return;
    note('refused');
    over();
    const cause = { code: 'ECONNREFUSED', syscall: 'connect' };
    fail(unanswered(url, Object.assign(new Error('refused'), cause)));
  };
  const downstream = createDownstream({ ...options, onHead: (head) => resolve(head), cut, over });
  const arrive = (): void => {
    if (isOver) return;
    if (!serve(wireOf(options, cut), downstream.reply)) refuse();
  };

  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted === true) abort();
  else if (dice.chance(faults().refuse)) later('is refused', refuse);
  else if (dice.chance(faults().lose)) later('is lost', () => cut('the way there'));
  else later(`arrives`, arrive);
  return {
    answer,
    cut,
  };
}

function wireOf(options: ConnectionOptions, cut: (by: string) => void): WireRequest {
  const { request, scheduler, dice, faults, name } = options;
  const bytes = encoder.encode(request.body ?? '');
  const breaks = dice.chance(faults().cutBody);
  return {
    method: request.method,
    target: '/mcp',
    rawHeaders: ['host', '127.0.0.1:3000', ...Object.entries(request.headers).flat()],
    httpVersion: '1.1',
    remoteAddress: '127.0.0.1',
    body: () =>
      new Promise((resolve, reject) => {
        scheduler.after(dice.between(0, 20), `${name} body`, () => {
          if (!breaks) return resolve(bytes);
          cut('the way there, in its body');
          reject(new McpError('connectionClosed', 'The body broke off'));
        });
      }),
  };
}
