/** The doors that are pipes: every line is read, and what comes back is counted. */
import { Readable, Writable } from 'node:stream';
import { servePipe } from '../../src/eras/serve-pipe.js';
import type { Message } from '../../src/json-rpc/message.js';
import { boundsForServer, ParseFailure, parseMessage } from '../../src/json-rpc/parse.js';
import { defaultLimits } from '../../src/limits.js';
import { systemPlatform } from '../../src/platform/platform.js';
import type { Server } from '../../src/server/index.js';
import { memoryPipes } from '../../src/transports/memory.js';
import { stdioPipe } from '../../src/transports/stdio/serve.js';
import { type Answer, readAnswer } from './answers.js';
import { type Door, noteCancelled } from './doors.js';
import { type Expected, expectedOf, mayBeResponse } from './reference-json.js';
import { insist } from './target.js';

const options = {
  limits: defaultLimits,
  platform: systemPlatform,
  principal: { id: 'fuzz' },
  drainOnEndMs: 1000,
};

/** Bytes on standard input, up to its end. */
export function stdioDoor(server: Server): Door {
  return async ({ messages, cuts }) => {
    const stdin = new Readable({ read: () => undefined });
    let output = '';
    const stdout = new Writable({
      write(chunk: Buffer, _, done) {
        output += chunk.toString();
        done();
      },
    });
    const pipe = stdioPipe({ stdin, stdout, limits: defaultLimits, clock: systemPlatform.clock });
    const serving = servePipe(server, pipe, options);
    const input = Buffer.concat(messages.flatMap((bytes) => [bytes, newline]));
    const places = cuts.map((cut) => cut % (input.length + 1)).toSorted((a, b) => a - b);
    for (const [at, place] of [...places, input.length].entries()) {
      stdin.push(input.subarray(places[at - 1] ?? 0, place));
    }
    stdin.push(null);
    await serving.closed;
    await pipe.close();
    insist(output === '' || output.endsWith('\n'), () => `half a line: ${output}`);
    const lines = output.split('\n').filter((line) => line !== '');
    judgeLines(linesOf(input), lines, true);
  };
}

/** Messages as they are after parsing, to a server in this process. */
export function memoryDoor(server: Server): Door {
  return async ({ messages }) => {
    const [near, far] = memoryPipes();
    const serving = servePipe(server, far, options);
    const lines: string[] = [];
    near.start({
      receive: (incoming) => void lines.push(JSON.stringify(incoming)),
      reject: ({ error }) => void lines.push(String(error)),
      end: () => undefined,
    });
    const sent: Uint8Array[] = [];
    for (const bytes of messages) {
      const message = parseMessage(bytes, bounds);
      if (message instanceof ParseFailure || isBatch(message)) continue;
      sent.push(bytes);
      await near.send(message);
    }
    // Whatever is answered is answered soon; what waits for the end waits for ever.
    const wanted = sent.filter((bytes) => expectedOf(bytes).kind === 'request').length;
    for (let turn = 0; turn < turnsMax && (turn < 3 || lines.length < wanted); turn++) {
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    await near.close();
    await serving.closed;
    judgeLines(sent, lines, false);
  };
}

const turnsMax = 50;
const newline = Buffer.from('\n');
const bounds = boundsForServer(defaultLimits);

function isBatch(value: unknown): value is readonly (Message | ParseFailure)[] {
  return Array.isArray(value);
}

function linesOf(input: Buffer): Uint8Array[] {
  const lines: Uint8Array[] = [];
  for (let from = 0; from < input.length;) {
    const to = input.indexOf(10, from);
    const end = to > from && input[to - 1] === 13 ? to - 1 : to;
    if (end > from) lines.push(input.subarray(from, end));
    from = to + 1;
  }
  return lines;
}

/** How often something must come back, and how often it may. */
interface Count {
  least: number;
  most: number;
}

/** Counts the answers by their ids. */
function judgeLines(
  sent: readonly Uint8Array[],
  lines: readonly string[],
  streamsEnd: boolean,
): void {
  const told = (): string => lines.join('\n');
  const counts = new Map<string, Count>();
  const expect = (id: unknown, least: number): void => {
    const key = JSON.stringify(id) ?? 'none';
    const count = counts.get(key) ?? { least: 0, most: 0 };
    counts.set(key, { least: count.least + least, most: count.most + 1 });
  };
  const cancelled = new Set<unknown>();
  let takesBatches = false;
  const note = (expected: Expected, bytes: Uint8Array, inBatch = false): void => {
    if (expected.kind === 'request') {
      takesBatches ||= expected.value['method'] === 'initialize';
      const isStream = expected.value['method'] === 'subscriptions/listen';
      expect(expected.id, inBatch || (isStream && !streamsEnd) ? 0 : 1);
    } else if (expected.kind === 'notification') {
      noteCancelled(expected.value, cancelled);
    } else if (expected.kind === 'refused') {
      noteRefused(expected.ids, inBatch || mayBeResponse(bytes), expect);
    } else if (expected.kind === 'batch') {
      expect(undefined, takesBatches ? 0 : 1);
      // Only some sessions take them, and which ones is not known here.
      if (takesBatches) for (const member of expected.members) note(member, bytes, true);
    }
  };
  for (const bytes of sent) note(expectedOf(bytes), bytes);
  const answers = lines.flatMap((line) =>
    line.startsWith('[') ? batchIn(line) : (readAnswer(line) ?? []),
  );
  judgeCounts(answers, counts, cancelled, told);
}

function noteRefused(
  ids: readonly unknown[],
  maybe: boolean,
  expect: (id: unknown, least: number) => void,
): void {
  // Which id was read is the business of whoever could not read the rest.
  const least = ids.length > 0 || maybe ? 0 : 1;
  expect(undefined, least);
  for (const id of ids) expect(id, 0);
}

function judgeCounts(
  answers: readonly Answer[],
  counts: ReadonlyMap<string, Count>,
  cancelled: ReadonlySet<unknown>,
  told: () => string,
): void {
  const heard = new Map<string, number>();
  for (const { id } of answers) {
    const key = JSON.stringify(id) ?? 'none';
    insist(counts.has(key), () => `an answer that nobody waits for: ${told()}`);
    heard.set(key, (heard.get(key) ?? 0) + 1);
  }
  for (const [key, { least, most }] of counts) {
    const count = heard.get(key) ?? 0;
    const id: unknown = key === 'none' ? undefined : JSON.parse(key);
    insist(count <= most, () => `${count} answers to ${key}: ${told()}`);
    insist(count >= least || cancelled.has(id), () => `no answer to ${key}: ${told()}`);
  }
}

function batchIn(line: string): Answer[] {
  const members = JSON.parse(line) as unknown[];
  return members.flatMap((member) => readAnswer(JSON.stringify(member)) ?? []);
}
