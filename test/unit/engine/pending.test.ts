import { beforeEach, describe, expect, test } from 'vitest';
import { createPending, type Pending } from '../../../src/engine/pending.js';
import { McpError } from '../../../src/errors.js';
import type { Result } from '../../../src/exchange.js';
import { cites } from '../../requirements.js';
import { ioFor } from './io.js';

let pending: Pending;
let sent: unknown[];
let withdrawn: string[];
const controller = (): AbortController => new AbortController();

beforeEach(() => {
  pending = createPending(2);
  sent = [];
  withdrawn = [];
});

function ask(id: string | number, signal: AbortSignal = controller().signal): Promise<Result> {
  return pending.ask({ id, method: 'm' }, ioFor(signal), {
    send: () => void sent.push(id),
    withdraw: (reason) => void withdrawn.push(reason),
  });
}

const answer = (id: string | number, result: Result = {}): boolean =>
  pending.answer({ jsonrpc: '2.0', id, result });

test('an answer finds its question, by type of id too', async () => {
  const [one, other] = [ask(1), ask('1')];
  expect(answer('1', { to: 'text' })).toBe(true);
  expect(answer(1, { to: 'number' })).toBe(true);
  expect([await one, await other]).toEqual([{ to: 'number' }, { to: 'text' }]);
  expect(pending.size).toBe(0);
});

test('an error is an answer', async () => {
  const asked = ask(1);
  const error = { code: -32601, message: 'no', data: 1 };
  expect(pending.answer({ jsonrpc: '2.0', id: 1, error })).toBe(true);
  await expect(asked).rejects.toMatchObject({ kind: 'methodNotFound', data: 1, fromPeer: true });
});

cites('cancel/late-answer-ignored');
test('late, foreign and nameless answers are harmless', async () => {
  const asked = ask(1);
  expect(answer(2)).toBe(false);
  expect(pending.answer({ jsonrpc: '2.0', error: { code: 1, message: '' } })).toBe(false);
  expect(answer(1)).toBe(true);
  expect(answer(1)).toBe(false);
  await asked;
});

test('a broken answer fails its question', async () => {
  const asked = ask(1);
  expect(pending.refuse(2, new McpError('badResponse', 'x'))).toBe(false);
  expect(pending.refuse(1, new McpError('badResponse', 'x'))).toBe(true);
  await expect(asked).rejects.toMatchObject({ kind: 'badResponse' });
});

describe('giving up', () => {
  test('forgets the question, tells the other side, rejects at once', async () => {
    const giver = controller();
    const asked = ask(1, giver.signal);
    giver.abort(new McpError('timeout', 'too slow'));
    await expect(asked).rejects.toMatchObject({ kind: 'timeout' });
    expect(withdrawn).toEqual(['too slow']);
    expect([pending.size, answer(1)]).toEqual([0, false]);
  });

  test('before asking sends nothing', async () => {
    await expect(ask(1, AbortSignal.abort('why'))).rejects.toMatchObject({
      kind: 'cancelled',
      cause: 'why',
    });
    expect([sent, withdrawn]).toEqual([[], []]);
  });

  test('after the answer does nothing', async () => {
    const giver = controller();
    const asked = ask(1, giver.signal);
    answer(1);
    giver.abort();
    await asked;
    expect(withdrawn).toEqual([]);
  });
});

describe('refused before anything is sent', () => {
  test('an id in use', async () => {
    const asked = ask(1);
    await expect(ask(1)).rejects.toMatchObject({ kind: 'invalidRequest' });
    expect(sent).toEqual([1]);
    answer(1);
    await asked;
  });

  test('one more than the bound', async () => {
    const asked = [ask(1), ask(2)];
    await expect(ask(3)).rejects.toMatchObject({ kind: 'tooManyRequests' });
    answer(1);
    asked.push(ask(4));
    answer(2);
    answer(4);
    await Promise.all(asked);
  });
});

test.each([
  [
    'throws',
    () => {
      throw new Error('x');
    },
  ],
  ['rejects', () => Promise.reject(new Error('x'))],
])('what cannot be sent fails: %s', async (_name, send) => {
  const asked = pending.ask({ id: 1, method: 'm' }, ioFor(), { send, withdraw: () => undefined });
  await expect(asked).rejects.toMatchObject({ kind: 'connectionFailed' });
  expect(pending.size).toBe(0);
});

test('at the end everything open fails, each with its own error', async () => {
  const asked = [ask(1), ask(2)].map((one) =>
    one.catch((error: unknown) => (error as McpError).message),
  );
  pending.fail((id) => new McpError('connectionClosed', `lost ${id}`));
  expect(await Promise.all(asked)).toEqual(['lost 1', 'lost 2']);
  expect(pending.size).toBe(0);
});

test('notices find the call that they name, or the only one', async () => {
  expect(pending.onlyIo()).toBeUndefined();
  const first = ask(1);
  const io = pending.ioOf(1);
  expect(io).toBeDefined();
  expect(pending.onlyIo()).toBe(io);
  const second = ask(2);
  expect(pending.onlyIo()).toBeUndefined();
  expect(pending.ioOf(3)).toBeUndefined();
  answer(1);
  answer(2);
  await Promise.all([first, second]);
});
