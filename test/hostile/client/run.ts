/** Runs attacks: each harms the naive client, and none harms ours. */
import { afterEach, describe, expect, test } from 'vitest';
import { connect } from '../../../src/connect.js';
import { McpError } from '../../../src/errors.js';
import { manualPlatform, type ManualPlatform } from '../../../src/testing/clock.js';
import { type ClientAttack, type ClientAttackGroup, type Era, secret } from './attack.js';
import { type HostileServer, openHostile } from './hostile-server.js';
import { type Ledger, openLedger } from './ledger.js';
import { naiveClient, Refused } from './naive-client.js';

type Ready = ClientAttack & ClientAttackGroup['each'];

const opened: HostileServer[] = [];
afterEach(() => Promise.all(opened.splice(0).map((server) => server.close())));

export function runClientAttacks(group: ClientAttackGroup): void {
  describe(`${group.guard}`, () => {
    for (const row of group.attacks) {
      const attack = { ...group.each, ...row };
      const eras = attack.eras ?? (['modern', 'legacy'] as const);
      test(`${row.name} harms the naive client`, async () => {
        expect(await harmOf(attack, eras[0]!)).toContain(attack.naive);
      });
      for (const era of eras) {
        test(`${row.name} does not harm ours (${era})`, async () => {
          const { harms, outcome, longestMs } = await attackOurs(attack, era);
          expect(harms).toEqual([]);
          expect(attack.pauses === undefined ? [attack.ours].flat() : [outcome]).toContain(outcome);
          expect(longestMs).toBeLessThan(blockMsMax);
        });
      }
    }
  });
}

/** Processor time of one turn of the event loop, which other processes cannot lengthen. */
const blockMsMax = 250;

async function harmOf(attack: Ready, era: Era): Promise<readonly string[]> {
  const ledger = openLedger();
  const server = await openServer(attack, ledger);
  const client = naiveClient(server.url, era, ledger);
  const watch = watchTurns();
  const { does = 'call' } = attack;
  const work = client.connect().then(() => {
    if (does === 'connect') return undefined;
    return needsList(attack) ? client.list().then(() => client[does]()) : client[does]();
  });
  const over = work.then(
    () => ledger.add('believes'),
    (thrown: unknown) => {
      if (!(thrown instanceof Refused)) ledger.add('breaks');
    },
  );
  await Promise.race([over, server.given.then(() => manyTurns())]);
  if (attack.naive === 'answers') await untilHarmed(ledger, attack);
  // What goes on is not over until it is far too much of it.
  if (attack.naive !== 'waits') await Promise.race([over, untilHarmed(ledger, attack)]);
  else if (!(await isSettled(over))) ledger.add('waits');
  if (watch.stop() > blockMsMax) ledger.add('blocks');
  return [...ledger.harms];
}

async function attackOurs(attack: Ready, era: Era): Promise<Suffered> {
  const ledger = openLedger();
  const server = await openServer(attack, ledger);
  const platform = manualPlatform();
  const watch = watchTurns();
  const over = useOurs(attack, era, server, { ledger, platform });
  const { pauses, passes } = attack;
  if (pauses !== undefined) {
    const [atLeast, atMost] = pauses;
    if (passes !== undefined) {
      // Until it comes back the first time.
      await platform.clock.armed((ms) => ms >= 100 && ms <= 120);
      await platform.clock.advance(passes);
    }
    // Not the time that a body which nobody wants has left.
    const wanted = (ms: number): boolean => ms >= atLeast && ms <= atMost && ms !== 1000;
    const armed = platform.clock.armed(wanted);
    const outcome = await Promise.race([armed.then(() => 'pauses'), over]);
    if (outcome !== 'pauses') throw new Error(`It ended with ${outcome} and did not wait`);
    const before = server.requests();
    await manyTurns();
    if (server.requests() !== before) throw new Error('It came back before its time');
    await platform.clock.advance(oneCallMs);
  } else if (passes !== undefined) {
    await server.given;
    await manyTurns();
    for (let ms = 0; ms < passes && !(await isSettled(over)); ms += stepMs) {
      await platform.clock.advance(stepMs);
      await manyTurns();
    }
  }
  const outcome = await over;
  return { harms: [...ledger.harms], outcome, longestMs: watch.stop() };
}

const oneCallMs = 60 * 60_000;
const stepMs = 1000;

interface Suffered {
  readonly harms: readonly string[];
  readonly outcome: string;
  readonly longestMs: number;
}

/** How it ended: a result, or the kind of the error. */
async function useOurs(
  attack: Ready,
  era: Era,
  server: HostileServer,
  { ledger, platform }: { readonly ledger: Ledger; readonly platform: ManualPlatform },
): Promise<string> {
  const { does = 'call', answers = false } = attack;
  try {
    await using client = await connect(server.url, {
      era,
      platform,
      eraCache: false,
      headers: { authorization: `Bearer ${secret}`, 'x-key': secret },
      limits: { clientMessageBytesMax: 1024 * 1024, pagesMax: 20, ...attack.limits },
      ...(attack.byFetch === true ? { fetch: globalThis.fetch } : {}),
      ...(answers
        ? {
            answers: {
              form: () => ({}),
              url() {
                ledger.add('opens');
                return true;
              },
            },
          }
        : {}),
      onLog: ({ data }) => void JSON.stringify(data),
    });
    if (needsList(attack) || does === 'list') await client.listTools();
    if (does === 'call') await client.callTool('work', {}, { onProgress: () => undefined });
    if (does === 'listen') {
      for await (const change of client.listen({ tools: true, resources: true })) {
        if (change.kind !== 'listening') break;
      }
    }
    return 'result';
  } catch (thrown) {
    return thrown instanceof McpError ? thrown.kind : `threw ${String(thrown)}`;
  }
}

function needsList({ at, does = 'call' }: Ready): boolean {
  return at?.includes('tools/list') === true && does === 'call';
}

async function openServer(attack: Ready, ledger: Ledger): Promise<HostileServer> {
  const server = await openHostile(attack, ledger);
  opened.push(server);
  return server;
}

async function manyTurns(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await new Promise(setImmediate);
}

async function untilHarmed(ledger: Ledger, { naive }: Ready): Promise<void> {
  // It has a few seconds; then the row fails, and says what was seen instead.
  const giveUpAt = performance.now() + 5000;
  while (!ledger.harms.has(naive) && performance.now() < giveUpAt) {
    await new Promise(setImmediate);
  }
}

async function isSettled(work: Promise<unknown>): Promise<boolean> {
  const open = Symbol('open');
  return (await Promise.race([work, Promise.resolve(open)])) !== open;
}

/** Watches how long one turn of the event loop keeps the processor, in ms. */
function watchTurns(): { stop(): number } {
  let longestMs = 0;
  let at = process.cpuUsage();
  let isOver = false;
  const look = (): void => {
    const { user, system } = process.cpuUsage(at);
    at = process.cpuUsage();
    longestMs = Math.max(longestMs, (user + system) / 1000);
    if (!isOver) setImmediate(look);
  };
  look();
  return {
    stop() {
      look();
      isOver = true;
      return longestMs;
    },
  };
}
