import { beforeEach, describe, expect, test } from 'vitest';
import { type Channel, createChannel } from '../../../src/engine/channel.js';
import type { Pipe, PipeReceiver } from '../../../src/engine/pipe.js';
import { McpError } from '../../../src/errors.js';
import type { Exchange, Notification } from '../../../src/exchange.js';
import type { Message } from '../../../src/json-rpc/message.js';
import { ParseFailure } from '../../../src/json-rpc/parse.js';
import { resolveLimits } from '../../../src/limits.js';
import { manualClock, type ManualClock } from '../../../src/testing/index.js';
import { cites } from '../../requirements.js';
import { ioFor, peer } from './io.js';

let clock: ManualClock;
let sent: Message[];
let there: PipeReceiver;
let noticed: Notification[];
let ends: unknown[];
let closes: number;
let channel: Channel;

const pipe: Pipe = {
  send: (message) => void sent.push(message as Message),
  start: (receiver) => void (there = receiver),
  close: () => Promise.resolve(void closes++),
};

function open(serve: Exchange): void {
  channel = createChannel({
    pipe,
    clock,
    limits: resolveLimits(),
    peer,
    serve,
    notice: (notification) => noticed.push(notification),
    routeOf: ({ params }) => params?.['for'] as number | undefined,
    isOfOnlyCall: ({ method }) => method === 'log',
    drainOnEndMs: 500,
    onEnd: (cause) => ends.push(cause),
  });
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const receive = (message: object): void => there.receive({ jsonrpc: '2.0', ...message } as Message);

beforeEach(() => {
  clock = manualClock();
  [sent, noticed, ends, closes] = [[], [], [], 0];
  open(async () => ({}));
});

test('both sides ask and answer at the same time, with the same ids', async () => {
  const asked = channel.exchange({ id: 1, method: 'ours' }, ioFor());
  receive({ id: 1, method: 'theirs' });
  await turn();
  expect(sent).toEqual([
    { jsonrpc: '2.0', id: 1, method: 'ours' },
    { jsonrpc: '2.0', id: 1, result: {} },
  ]);
  receive({ id: 1, result: { theirs: true } });
  expect(await asked).toEqual({ theirs: true });
});

describe('notices go', () => {
  test('to the call that they name', async () => {
    const [one, two]: [Notification[], Notification[]] = [[], []];
    void channel.exchange({ id: 1, method: 'm' }, ioFor(undefined, one)).catch(() => undefined);
    void channel.exchange({ id: 2, method: 'm' }, ioFor(undefined, two)).catch(() => undefined);
    receive({ method: 'n', params: { for: 2 } });
    receive({ method: 'n', params: { for: 3 } });
    receive({ method: 'log' });
    expect([one.length, two.length, noticed.length]).toEqual([0, 1, 2]);
    await channel.close();
  });

  test('to the only call, if they are of that kind', async () => {
    const one: Notification[] = [];
    void channel.exchange({ id: 1, method: 'm' }, ioFor(undefined, one)).catch(() => undefined);
    receive({ method: 'log' });
    receive({ method: 'other' });
    expect([one.length, noticed.length]).toEqual([1, 1]);
    await channel.close();
  });
});

describe('what is no message', () => {
  const failure = (id?: number, response?: boolean): ParseFailure =>
    new ParseFailure(new McpError('invalidRequest', 'broken'), id, response);

  test('is answered, by its id where there is one', () => {
    there.reject(failure());
    there.reject(failure(7));
    const error = { code: -32600, message: 'broken' };
    expect(sent).toEqual([
      { jsonrpc: '2.0', error },
      { jsonrpc: '2.0', id: 7, error },
    ]);
  });

  test('is not answered when it was an answer: whoever asked is told', async () => {
    const asked = channel.exchange({ id: 1, method: 'm' }, ioFor());
    there.reject(failure(undefined, true));
    there.reject(failure(2, true));
    there.reject(failure(1, true));
    await expect(asked).rejects.toMatchObject({ kind: 'badResponse' });
    expect(sent).toHaveLength(1);
  });

  test('is refused as a whole when it is a batch', () => {
    there.receive([{ jsonrpc: '2.0', id: 1, method: 'm' }]);
    expect(sent).toMatchObject([{ error: { code: -32600 } }]);
  });
});

describe('taking back', () => {
  cites('stdio/cancel-by-notice');
  test('a question is told to the other side', async () => {
    const giver = new AbortController();
    const asked = channel.exchange({ id: 1, method: 'm' }, ioFor(giver.signal));
    giver.abort();
    await expect(asked).rejects.toMatchObject({ kind: 'cancelled' });
    expect(sent.at(-1)).toMatchObject({
      method: 'notifications/cancelled',
      params: { requestId: 1 },
    });
  });

  cites('session/initialize-not-cancelled');
  test('a handshake is not', async () => {
    const giver = new AbortController();
    const asked = channel.exchange({ id: 1, method: 'initialize' }, ioFor(giver.signal));
    giver.abort();
    await expect(asked).rejects.toMatchObject({ kind: 'cancelled' });
    expect(sent).toHaveLength(1);
  });
});

describe('the end', () => {
  test('of the other side drains, then fails what was asked', async () => {
    let finish = (): void => undefined;
    open(() => new Promise((resolve) => (finish = () => resolve({}))));
    receive({ id: 1, method: 'm' });
    const asked = channel.exchange({ id: 5, method: 'm' }, ioFor());
    const failed = expect(asked).rejects.toMatchObject({ kind: 'outcomeUnknown' });
    there.end();
    await turn();
    expect(ends).toEqual([]);
    finish();
    await failed;
    expect(sent.at(-1)).toMatchObject({ id: 1, result: {} });
    expect([ends, clock.waiting]).toEqual([[undefined], 0]);
    await expect(channel.exchange({ id: 6, method: 'm' }, ioFor())).rejects.toMatchObject({
      kind: 'connectionClosed',
    });
  });

  test('by a fault stops everything at once, and says why', async () => {
    let signal: AbortSignal | undefined;
    open((_request, io) => {
      ({ signal } = io);
      return new Promise(() => undefined);
    });
    receive({ id: 1, method: 'm' });
    const asked = channel.exchange({ id: 5, method: 'm' }, ioFor());
    const cause = new McpError('connectionClosed', 'It broke');
    const failed = expect(asked).rejects.toMatchObject({
      kind: 'outcomeUnknown',
      message: 'It broke before it answered',
    });
    there.end(cause);
    await failed;
    expect(signal?.aborted).toBe(true);
    expect(ends).toEqual([cause]);
  });

  test('of this side is told once', async () => {
    const asked = channel.exchange({ id: 5, method: 'm' }, ioFor());
    const failed = expect(asked).rejects.toMatchObject({ kind: 'connectionClosed' });
    await channel.close();
    there.end();
    await channel.close();
    await failed;
    expect(ends).toHaveLength(1);
  });
});
