import { expect, test } from 'vitest';
import { McpError } from '../../../src/errors.js';
import { defaultLimits } from '../../../src/limits.js';
import { family, io, kindOf, question, served } from './children.js';

const { childSilentMs, restartMs, restartMsMax, restartPauseMs, restartsMax } = defaultLimits;

/** A question that starts a child, answered by it; the back-off passes meanwhile. */
async function restarted(
  owner: Awaited<ReturnType<typeof family>>,
  id: number,
  waitMs: number = restartMsMax,
): Promise<string> {
  // Until a death has been noticed, calls are lost with the child.
  await owner.platform.clock.advance(0);
  const before = owner.children.length;
  const asked = kindOf(owner.link.exchange(question(id), io()));
  await owner.platform.clock.advance(waitMs);
  if (owner.children.length > before) owner.children.at(-1)!.answer(id);
  return asked;
}

test('a death ends what was asked at once; the next call starts another child', async () => {
  const owner = await family();
  await served(owner, 1);
  const lost = kindOf(owner.link.exchange(question(2), io()));
  owner.children[0]!.die();
  expect(await lost).toBe('outcomeUnknown');
  expect(owner.warnings).toEqual([expect.stringMatching(/code 3 .*out of luck.*started again/)]);
  await owner.platform.clock.advance(restartMs);
  expect(owner.children).toHaveLength(1);
  expect(await restarted(owner, 3, 0)).toBe('answered');
  expect(owner.children).toHaveLength(2);
});

test('calls after a death wait for the back-off, and share one child', async () => {
  const owner = await family();
  await served(owner, 1);
  owner.children[0]!.die();
  await owner.platform.clock.advance(0);
  const asked = [2, 3].map((id) => owner.link.exchange(question(id), io()));
  await owner.platform.clock.armed((ms) => ms > 0 && ms <= restartMs);
  expect(owner.children).toHaveLength(1);
  await owner.platform.clock.advance(restartMs);
  expect(owner.children[1]!.asked.map(({ id }) => id)).toEqual([2, 3]);
  for (const id of [2, 3]) owner.children[1]!.answer(id);
  await Promise.all(asked);
  expect(owner.children).toHaveLength(2);
});

test('the next child waits until nothing is left of the one before', async () => {
  const owner = await family();
  await served(owner, 1);
  let goAway = (): void => undefined;
  owner.children[0]!.lingers = new Promise((resolve) => (goAway = resolve));
  owner.children[0]!.die();
  await owner.platform.clock.advance(0);
  const asked = kindOf(owner.link.exchange(question(2), io()));
  await owner.platform.clock.advance(restartMsMax);
  expect(owner.children).toHaveLength(1);
  goAway();
  await owner.platform.clock.advance(0);
  owner.children[1]!.answer(2);
  expect(await asked).toBe('answered');
});

test('a caller that gives up during the back-off waits no longer', async () => {
  const owner = await family();
  await served(owner, 1);
  owner.children[0]!.die();
  await owner.platform.clock.advance(0);
  const caller = new AbortController();
  const asked = kindOf(owner.link.exchange(question(2), io(caller.signal)));
  caller.abort();
  expect(await asked).toBe('cancelled');
});

test('a child that dies again and again is left alone, with all that helps', async () => {
  const owner = await family();
  await served(owner, 1);
  for (let count = 1; count <= restartsMax; count++) {
    owner.children.at(-1)!.die();
    expect(await restarted(owner, 1 + count)).toBe('answered');
  }
  owner.children.at(-1)!.die();
  await owner.platform.clock.advance(0);
  const refused = await owner.link.exchange(question(50), io()).catch((error: unknown) => error);
  expect(refused).toMatchObject({ kind: 'unavailable', retryAfterMs: restartPauseMs });
  expect((refused as Error).message).toMatch(/code 3 .*out of luck.* 5 times.* in 60 s or later/s);
  expect(owner.warnings.at(-1)).toBe((refused as Error).message);
  expect(owner.children).toHaveLength(restartsMax + 1);
  await owner.platform.clock.advance(restartPauseMs);
  expect(await restarted(owner, 51, 0)).toBe('answered');
});

test('a child that cannot be started counts like one that dies', async () => {
  const owner = await family();
  await served(owner, 1);
  owner.children[0]!.die();
  owner.unwilling.push(new McpError('connectionFailed', 'It is gone'));
  expect(await restarted(owner, 2)).toBe('connectionFailed');
  expect(owner.warnings.at(-1)).toMatch('It is gone');
  expect(await restarted(owner, 3)).toBe('answered');
});

test.each([
  ['that has never answered', {}, false],
  ['that nobody wants again', { restart: false }, true],
])('a child %s is not started again', async (_what, changes, hasAnswered) => {
  const owner = await family(changes);
  if (hasAnswered) await served(owner, 1);
  owner.children[0]!.die('It exited');
  expect(await owner.link.closed).toMatchObject({ message: 'It exited' });
  const asked = owner.link.exchange(question(2), io());
  await expect(asked).rejects.toMatchObject({ kind: 'connectionClosed', message: 'It exited' });
  expect(owner.children).toHaveLength(1);
});

test('a session does not outlive its child, and whoever listens in it is told', async () => {
  const owner = await family();
  const missed: unknown[] = [];
  const inbound = {
    ask: () => Promise.reject(new Error()),
    notice: () => undefined,
    missed: (cause?: McpError) => void missed.push(cause?.kind),
  };
  owner.link.accept(inbound);
  const plain = (id: number, method: string) => owner.link.exchange({ id, method }, io());
  expect(await kindOf(plain(1, 'ping'))).toBe('sessionNotFound');
  const opened = plain(2, 'initialize');
  owner.children[0]!.answer(2);
  await opened;
  const pinged = plain(3, 'ping');
  owner.children[0]!.answer(3);
  await pinged;
  owner.children[0]!.die();
  await owner.platform.clock.advance(0);
  expect(missed).toEqual(['sessionNotFound']);
  const next = kindOf(plain(4, 'ping'));
  await owner.platform.clock.advance(restartMs);
  expect(await next).toBe('sessionNotFound');
  expect(owner.children[1]).toMatchObject({ inbound, asked: [] });
});

test('an idle child is stopped, and started when it is needed, without a wait', async () => {
  const owner = await family({ idleMs: 1000 });
  await owner.platform.clock.advance(999);
  await served(owner, 1);
  const long = owner.link.exchange(question(2), io());
  await owner.platform.clock.advance(60_000);
  owner.children[0]!.answer(2);
  await long;
  await owner.platform.clock.advance(999);
  expect(owner.children[0]!.isClosed).toBe(false);
  await owner.platform.clock.advance(1);
  expect(owner.children[0]!.isClosed).toBe(true);
  expect(await restarted(owner, 3, 0)).toBe('answered');
  expect(owner.warnings).toEqual([]);
});

test('who is listened to is not idle', async () => {
  const owner = await family({ idleMs: 1000 });
  const listener = new AbortController();
  const listening = kindOf(
    owner.link.exchange(question(1, 'subscriptions/listen'), io(listener.signal)),
  );
  await owner.platform.clock.advance(5000);
  await served(owner, 2);
  await owner.platform.clock.advance(5000);
  expect(owner.children[0]!.isClosed).toBe(false);
  listener.abort();
  await listening;
  let isListening = true;
  owner.link.accept({
    ask: () => Promise.reject(new Error()),
    notice: () => undefined,
    isListening: () => isListening,
  });
  await owner.platform.clock.advance(5000);
  expect(owner.children[0]!.isClosed).toBe(false);
  isListening = false;
  await owner.platform.clock.advance(1000);
  expect(owner.children[0]!.isClosed).toBe(true);
});

test('at the end of its lifetime a child finishes its calls beside the next', async () => {
  const owner = await family({ lifetimeMs: 1000 });
  const old = owner.link.exchange(question(1), io());
  const listening = kindOf(owner.link.exchange(question(2, 'subscriptions/listen'), io()));
  await owner.platform.clock.advance(1000);
  expect(owner.children[0]!.isClosed).toBe(false);
  expect(await restarted(owner, 3, 0)).toBe('answered');
  expect(owner.children[0]!.asked.map(({ id }) => id)).toEqual([1, 2]);
  owner.children[0]!.answer(1, { late: true });
  expect(await old).toEqual({ late: true });
  // Not "closed": whoever listens does so again.
  expect(await listening).toBe('outcomeUnknown');
  expect(owner.children.map(({ isClosed }) => isClosed)).toEqual([true, false]);
});

test('a child is not too old while its session is being opened', async () => {
  const owner = await family({ lifetimeMs: 1000 });
  const opened = owner.link.exchange({ id: 1, method: 'initialize' }, io());
  await owner.platform.clock.advance(1500);
  owner.children[0]!.answer(1);
  await opened;
  await owner.platform.clock.advance(999);
  expect(owner.children[0]!.isClosed).toBe(false);
  await owner.platform.clock.advance(1);
  expect(owner.children[0]!.isClosed).toBe(true);
});

async function timedOut(owner: Awaited<ReturnType<typeof family>>, id: number): Promise<void> {
  const call = new AbortController();
  const asked = kindOf(owner.link.exchange(question(id), io(call.signal)));
  call.abort(new McpError('timeout', 'Too late'));
  expect(await asked).toBe('timeout');
}

test('a child that answers nothing any more is replaced', async () => {
  const owner = await family();
  await served(owner, 1);
  await timedOut(owner, 2);
  expect(owner.children[0]!.asked.at(-1)).toMatchObject(question(1001, 'server/discover'));
  await owner.platform.clock.advance(childSilentMs - 1);
  expect(owner.children[0]!.isClosed).toBe(false);
  await owner.platform.clock.advance(1);
  expect(owner.children[0]!.isClosed).toBe(true);
  expect(owner.warnings).toEqual([expect.stringContaining('not even to a ping')]);
  expect(await restarted(owner, 3)).toBe('answered');
});

test.each(['answers', 'refuses'] as const)(
  'a child that lets a call time out but %s a ping is left alone',
  async (what) => {
    const owner = await family();
    await served(owner, 1);
    for (const ping of [1001, 1002]) {
      await timedOut(owner, 2);
      owner.children[0]![what === 'answers' ? 'answer' : 'refuse'](ping);
      await owner.platform.clock.advance(0);
      expect(owner.platform.clock.waiting).toBe(0);
    }
    await served(owner, 3);
    expect(owner.children).toHaveLength(1);
  },
);

test('a warning has no full stop too many', async () => {
  const owner = await family();
  await served(owner, 1);
  owner.children[0]!.die('It was not found. Check its path.');
  await owner.platform.clock.advance(0);
  expect(owner.warnings).toEqual([
    'It was not found. Check its path. It is started again when it is needed.',
  ]);
});

test('a child that says anything after a call timed out is left alone', async () => {
  const owner = await family();
  const other = owner.link.exchange(question(1), io());
  await timedOut(owner, 2);
  owner.children[0]!.mutter();
  await owner.platform.clock.advance(childSilentMs);
  owner.children[0]!.answer(1);
  await other;
  expect(owner.children[0]!.asked.map(({ id }) => id)).toEqual([1, 2, 1001]);
});

test('a child that hangs is replaced however many calls are always open', async () => {
  const owner = await family();
  await served(owner, 1);
  const calls: Promise<string>[] = [];
  for (let id = 2; id < 5; id++) {
    calls.push(kindOf(owner.link.exchange(question(id), io())));
    await timedOut(owner, 100 + id);
    await owner.platform.clock.advance(childSilentMs / 3);
  }
  expect(owner.children[0]!.isClosed).toBe(true);
  expect(await Promise.all(calls)).toEqual(calls.map(() => 'outcomeUnknown'));
  expect(await restarted(owner, 9)).toBe('answered');
});

test('being started after a rest is no restart', async () => {
  const owner = await family({ idleMs: 1000 });
  await served(owner, 1);
  owner.children[0]!.die();
  expect(await restarted(owner, 2, restartMs)).toBe('answered');
  for (let rest = 0; rest < 2 * restartsMax; rest++) {
    await owner.platform.clock.advance(1000);
    expect(owner.children.at(-1)!.isClosed).toBe(true);
    expect(await restarted(owner, 3 + rest, 0)).toBe('answered');
  }
  owner.children.at(-1)!.die();
  expect(await restarted(owner, 50)).toBe('answered');
});

test.each(['while it runs', 'during the back-off', 'while it is started', 'while it drains'])(
  'closing %s settles everything and leaves nothing',
  async (when) => {
    const owner = await family({ idleMs: 10_000, lifetimeMs: 20_000 });
    await served(owner, 1);
    const open = [kindOf(owner.link.exchange(question(2), io()))];
    if (when === 'while it drains') await owner.platform.clock.advance(20_000);
    else if (when !== 'while it runs') {
      owner.children[0]!.die();
      await Promise.all(open);
      await owner.platform.clock.advance(0);
      if (when === 'while it is started') await owner.platform.clock.advance(restartMs);
      open.push(kindOf(owner.link.exchange(question(3), io())));
    }
    const closes = [owner.link.close(), owner.link.close()];
    expect(new Set(await Promise.all(open))).not.toContain('answered');
    await Promise.all(closes);
    expect(await owner.link.closed).toBeUndefined();
    expect(await kindOf(owner.link.exchange(question(4), io()))).toBe('connectionClosed');
    expect(owner.children.filter(({ isClosed }) => !isClosed)).toEqual([]);
    expect(owner.platform.clock.waiting).toBe(0);
  },
);
