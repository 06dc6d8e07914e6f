/** More work than there is time or memory for: the rest is turned away at once, and comes back. */
import { Agent } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { modernCall } from '../hostile/attack.js';
import { type Child, startChild } from './children.js';
import { percentile } from './figures.js';
import { type Heard, send } from './polite.js';

const limits = { loadCheckMs: 100, loopLagMsMax: 100, heapPercentShed: 50, heapPercentCut: 95 };
const ready = {
  method: 'GET',
  target: '/readyz',
  headers: { host: '127.0.0.1:{port}' },
} as const;

const nodeOptions = ['--max-old-space-size=300'];

let target: Child;

beforeAll(async () => {
  target = await startChild('target', { limits, watchesLoad: true }, nodeOptions);
});
afterAll(() => target.end());

/** Open beforehand: Node accepts one connection a turn, and so new ones wait outside. */
const lines = 100;
const kept = new Agent({ keepAlive: true, maxSockets: lines });
afterAll(() => kept.destroy());

const get = (): Promise<Heard> => send(target.port, ready);
const call = (name: string, args: object = {}, agent: Agent | false = false): Promise<Heard> =>
  send(target.port, modernCall(name, args), agent);

/** Asks until it is answered so; the time limit of the test is that of the answer. */
async function becomes(status: number): Promise<void> {
  while ((await get()).status !== status);
}

function expectTurnedAway({ status, headers, body }: Heard): void {
  expect(status).toBe(503);
  expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  expect(JSON.parse(body)).toHaveProperty('error.message');
}

describe('three times the work that it can do', () => {
  const spinMs = 30;
  const everyMs = spinMs / 3;
  const offered = 300;
  const answers: { readonly heard: Heard; readonly ms: number }[] = [];
  let inFlight: Heard;
  let wasReady: boolean;

  beforeAll(async () => {
    const warm = Array.from({ length: lines }, () => call('hold', {}, kept));
    while ((await target.ask<number>('held')) < lines);
    await target.ask('release');
    await Promise.all(warm);
    const before = call('hold');
    while ((await target.ask<number>('held')) === 0);
    wasReady = (await get()).status === 200;
    const all: Promise<void>[] = [];
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        const due = performance.now();
        all.push(
          call('spin', { ms: spinMs }, kept).then((heard) => {
            answers.push({ heard, ms: performance.now() - due });
          }),
        );
        if (all.length < offered) return;
        clearInterval(timer);
        resolve();
      }, everyMs);
    });
    await Promise.all(all);
    await target.ask('release');
    inFlight = await before;
  }, 30_000);

  test('is done in part, and the rest is turned away; nothing hangs', () => {
    const done = answers.filter(({ heard }) => heard.status === 200);
    const rest = answers.filter(({ heard }) => heard.status !== 200);
    const [p99Done, p99Rest] = [done, rest].map((part) =>
      percentile(
        part.map(({ ms }) => ms),
        99,
      ),
    );
    console.log({ done: done.length, p99Done, turnedAway: rest.length, p99Rest });
    expect(answers).toHaveLength(offered);
    expect(done.length).toBeGreaterThan(10);
    expect(rest.length).toBeGreaterThan(10);
    for (const { heard } of rest) expectTurnedAway(heard);
    // Without being turned away the last would wait for all that came before it.
    expect(p99Done).toBeLessThan((offered * spinMs) / 3);
  });

  test('ends what was under way before', () => {
    expect(inFlight.status).toBe(200);
    expect(inFlight.body).toContain('held');
  });

  test('is forgotten once it is over', async () => {
    expect(wasReady).toBe(true);
    await becomes(200);
    expect((await call('look')).status).toBe(200);
  });
});

describe('memory that is all but used up', () => {
  test('turns new work away, ends what runs, and recovers', async () => {
    const before = call('hold');
    while ((await target.ask<number>('held')) === 0);
    await target.ask('fill', { percent: 60 });
    await becomes(503);
    expectTurnedAway(await call('look'));
    await target.ask('release');
    expect((await before).status).toBe(200);
    await target.ask('empty');
    await becomes(200);
    expect((await call('look')).status).toBe(200);
  });
});

test('without a bound nobody is turned away, however little is left', async () => {
  const careless = await startChild('target', { limits: { heapPercentShed: 100 } }, nodeOptions);
  try {
    await careless.ask('fill', { percent: 60 });
    expect((await send(careless.port, ready)).status).toBe(200);
  } finally {
    await careless.end();
  }
});
