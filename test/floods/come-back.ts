/** Readers that were cut, and come back for what they have missed. */
import { request as httpRequest } from 'node:http';
import type { Parts } from '../hostile/attack.js';
import { headerLines } from '../hostile/bytes.js';
import { send } from './polite.js';
import { type Event, eventsIn, progressIn, resumeAfter } from './streams.js';

/** Everything once and in order, a clear no, or neither. */
export type Found = 'whole' | 'refused' | 'gaps';

export type CameBack = { readonly [found in Found]: number };

export interface Cut {
  readonly session: string;
  /** What the reader had taken in when it was cut. */
  readonly text: string;
}

/** Comes back to calls of `talk` that tell their progress so many times. */
export async function comeBackToCalls(
  port: number,
  cuts: readonly Cut[],
  count: number,
): Promise<CameBack> {
  const found: Found[] = [];
  for (const cut of cuts) {
    const [seen, parts] = resumptionOf(cut);
    const { status, body } = await send(port, parts);
    if (status !== 200) {
      found.push(status === 404 ? 'refused' : 'gaps');
      continue;
    }
    const all = [...seen, ...eventsIn(`\r\n\r\n${body}`)];
    const answers = all.filter(({ message }) => message?.result !== undefined).length;
    const isWhole = countsUp(progressIn(all), count) && answers === 1;
    found.push(isWhole ? 'whole' : 'gaps');
  }
  return sumOf(found);
}

/**
 * Comes back to streams that have no end. Once all are open again, `tellLast` tells each of a change
 * of `lastUri`. How many events come before follows from when they stalled: while a reader takes
 * nothing, a notice that nobody has been sent yet speaks for all that are like it.
 */
export async function comeBackToStreams(
  port: number,
  cuts: readonly Cut[],
  lastUri: string,
  tellLast: () => Promise<unknown>,
): Promise<CameBack> {
  const opened = await Promise.all(
    cuts.map(async (cut) => {
      const [seen, parts] = resumptionOf(cut);
      return { seen, ...(await open(port, parts, lastUri)) };
    }),
  );
  await tellLast();
  const found = opened.map(async ({ seen, status, last }): Promise<Found> => {
    const heard = eventsIn(`\r\n\r\n${await last}`).filter(({ message }) => message);
    if (status !== 200) return status === 404 ? 'refused' : 'gaps';
    const all = [...seen.filter(({ message }) => message), ...heard];
    const lastAt = all.findIndex(({ message }) => message?.params?.uri === lastUri);
    const hasMissed = heard.length > 1 && lastAt === all.length - 1;
    return hasMissed && countsUp(all.map(numberOf), all.length) ? 'whole' : 'gaps';
  });
  return sumOf(await Promise.all(found));
}

function resumptionOf({ session, text }: Cut): readonly [seen: Event[], request: Parts] {
  const seen = eventsIn(text);
  const lastId = seen.findLast(({ id }) => id !== undefined)?.id ?? '';
  return [seen, resumeAfter(session, lastId)];
}

/** Events of a stream are numbered from 1 on, at the ends of their ids. */
function numberOf({ id }: Event): number {
  return Number(id?.split('.').at(-1));
}

function countsUp(numbers: readonly number[], count: number): boolean {
  return numbers.length === count && numbers.every((n, at) => n === at + 1);
}

function sumOf(found: readonly Found[]): CameBack {
  const count = (what: Found): number => found.filter((one) => one === what).length;
  return { whole: count('whole'), refused: count('refused'), gaps: count('gaps') };
}

interface Opened {
  readonly status: number;
  /** What has come once a whole event tells of `until`, or the stream has ended. */
  readonly last: Promise<string>;
}

function open(port: number, { method, headers, target }: Parts, until: string): Promise<Opened> {
  const own = Object.fromEntries(headerLines(headers, { port }));
  const options = { host: '127.0.0.1', port, method, path: target, headers: own, agent: false };
  return new Promise((resolve, reject) => {
    const request = httpRequest(options, (response) => {
      const last = new Promise<string>((done) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
          const at = text.indexOf(until);
          if (at !== -1 && text.includes('\n\n', at)) request.destroy();
        });
        response.on('error', () => undefined).once('close', () => done(text));
      });
      resolve({ status: response.statusCode ?? 0, last });
    });
    request.on('error', reject).end();
  });
}
