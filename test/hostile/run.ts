/** Runs attacks: each harms the naive server, and none harms ours, by whatever door it comes. */
import { afterAll, describe, expect, test } from 'vitest';
import type { EndpointOptions } from '../../src/transports/http/index.js';
import { type Answer, type Attack, type AttackGroup, type Harm, partsOf } from './attack.js';
import type { Words } from './bytes.js';
import {
  type Door,
  type DoorName,
  doorNames,
  type NaiveDoors,
  openDoor,
  openNaiveDoors,
  type Outcome,
  rawDoorNames,
} from './doors.js';
import { refusedByHost } from './hosts.js';
import { eventsOf, type Heard } from './raw-http.js';
import { scenes } from './scenes.js';
import { secret } from './victim.js';

export function runAttacks(group: AttackGroup): void {
  describe(`${group.guard}`, () => {
    for (const row of group.attacks) {
      const attack = { ...group.each, ...row };
      test(`${row.name} harms the naive server`, async () => {
        expect(await harmOf(attack)).toEqual({ [attack.naive]: true });
      });
      for (const name of doorsOf(attack).filter((door) => statusAt(door, attack) === undefined)) {
        test(`${row.name}, by ${name}`, async () => {
          const { runs, outcome } = await attackOurs(attack, name);
          expect(runs, 'runs of the tool').toBe(0);
          const { answer } = attack;
          const wanted = name === 'web' && answer.onWeb ? { ...answer, ...answer.onWeb } : answer;
          expectAnswer(outcome.heard, wanted);
          const kept = wanted.connection ?? 'kept';
          expect(outcome.connection).toBe(name === 'web' ? 'none' : kept);
        });
      }
      for (const name of doorsOf(attack).filter((door) => statusAt(door, attack) !== undefined)) {
        test(`${row.name}, by ${name}, which refuses it by itself`, async () => {
          const { runs, outcome } = await attackOurs(attack, name);
          expect({ runs, status: outcome.heard?.status }).toEqual({
            runs: 0,
            status: statusAt(name, attack),
          });
        });
      }
    }
  });
}

type Ready = Attack & AttackGroup['each'];

/** The doors at which the path that stops an attack is in the way. */
function doorsOf(attack: Ready): readonly DoorName[] {
  if (attack.enforcedBy === 'listener') return ['listen'];
  if (attack.enforcedBy === 'web') return ['web'];
  return attack.enforcedBy === 'node' ? rawDoorNames : doorNames;
}

/** What a host answers before an attack gets to the endpoint. */
function statusAt(name: DoorName, attack: Ready): number | undefined {
  return refusedByHost(name, partsOf(attack, attack.of), attack.setup);
}

// Even at its most lenient.
const nodeRefuses: ReadonlySet<string> = new Set(['listener', 'web']);

/** Whether the naive server suffers as the attack says; with what it answered if not. */
async function harmOf(attack: Ready): Promise<object> {
  const doors = await naiveDoors();
  const door = nodeRefuses.has(attack.enforcedBy) ? doors.sloppy : doors.plain;
  const { runs } = door.victim;
  const { crashes } = door;
  const { heard } = await attackThrough(door, attack);
  const harm: { readonly [harm in Harm]: () => boolean } = {
    runs: () => door.victim.runs > runs,
    answers: () => heard?.status === 200,
    leaks: () => heard !== undefined && tellsTooMuch(heard.body),
    injects: () => heard !== undefined && forged.test(heard.body),
    crashes: () => door.crashes > crashes,
  };
  return harm[attack.naive]() ? { [attack.naive]: true } : { ...heard };
}

async function attackOurs(
  attack: Ready,
  name: DoorName,
): Promise<{ runs: number; outcome: Outcome }> {
  const door = await doorTo(name, attack.setup ?? asItComes);
  const { runs } = door.victim;
  const outcome = await attackThrough(door, attack);
  await door.finish();
  return { runs: door.victim.runs - runs, outcome };
}

async function attackThrough(door: Door, attack: Ready): Promise<Outcome> {
  let words: Words = {};
  if (attack.given !== undefined) {
    words = await scenes[attack.given]({
      async send(parts) {
        const { heard } = await door.send(parts);
        return heard!;
      },
      begin: (parts) => door.begin(parts),
    });
  }
  return door.send(partsOf(attack, attack.of), words);
}

// Not by the flag m, which takes more for a line end than event streams do.
const forged = /(?:^|[\r\n])(?:event|id|data|retry): ?forged/;

function expectAnswer(heard: Heard | undefined, answer: Answer): void {
  expect(heard?.status, heard?.body).toBe(answer.status);
  if (heard === undefined) return;
  expectManners(heard, answer.readableBy);
  expect(heard.interim, 'nothing is said before').toEqual([]);
  const [name, value] = answer.header ?? ['x-content-type-options', 'nosniff'];
  expect(heard.headers.get(name)).toBe(value);
  const type = heard.headers.get('content-type');
  const { code = answer.status } = answer;
  if (type === 'text/event-stream') return expectOwnEvents(heard.body);
  expect(type).toBe('application/json');
  const member = code === 'result' ? { result: {} } : { error: { code, message: anyText } };
  const said: unknown = code === 'none' ? { body: heard.body } : JSON.parse(heard.body);
  expect(said).toMatchObject(code === 'none' ? { body: '' } : { jsonrpc: '2.0', ...member });
}

const anyText: unknown = expect.any(String);

/** Whatever is answered: nothing for a browser to do with it, nothing told that is not meant. */
export function expectManners({ headers, body }: Heard, readableBy?: string): void {
  expect(Object.fromEntries(headers)).toMatchObject(security);
  expect(headers.get('access-control-allow-origin')).toBe(readableBy);
  for (const name of headers.keys()) {
    expect(name).not.toMatch(readableBy === undefined ? untoldPages : untold);
  }
  expect(tellsTooMuch(body), body).toBe(false);
  expect(body).not.toMatch(/^\s*</);
}

const security = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
};

const untold = /^(?:server|x-powered-by|set-cookie|access-control-allow-credentials)$/;
const untoldPages = /^(?:server|x-powered-by|set-cookie|access-control-.*)$/;

/** The secret, a stack, a path of the disk. */
function tellsTooMuch(body: string): boolean {
  return body.includes(secret) || /\bat .+:\d+:\d+|node:internal|\/srv\/|\.[jt]s\b/.test(body);
}

/** Every event is a message of ours: an attacker's text stays text within it. */
function expectOwnEvents(body: string): void {
  expect(body).not.toMatch(forged);
  const events = eventsOf(body).map((event) => event.split('\n'));
  expect(events.length).toBeGreaterThan(0);
  for (const lines of events) {
    const data = lines.filter((line) => line.startsWith('data: '));
    expect(lines.filter((line) => !/^(?:data|id|retry): /.test(line))).toEqual([]);
    if (lines.includes('data: ')) continue;
    expect(JSON.parse(data.map((line) => line.slice(6)).join('\n'))).toMatchObject({
      jsonrpc: '2.0',
    });
  }
}

const asItComes: EndpointOptions = {};
const opened = new Map<EndpointOptions, Map<DoorName, Promise<Door>>>();
let naive: Promise<NaiveDoors> | undefined;

function naiveDoors(): Promise<NaiveDoors> {
  return (naive ??= openNaiveDoors());
}

/** Doors to servers of one setup are opened once and shared by their attacks. */
export function doorTo(name: DoorName, setup: EndpointOptions): Promise<Door> {
  const doors = opened.get(setup) ?? new Map<DoorName, Promise<Door>>();
  opened.set(setup, doors);
  const door = doors.get(name) ?? openDoor(name, setup);
  doors.set(name, door);
  return door;
}

afterAll(async () => {
  const doors = [...opened.values()].flatMap((byName) => [...byName.values()]);
  await Promise.all(doors.map(async (door) => (await door).close()));
  await (await naive)?.plain.close();
});
