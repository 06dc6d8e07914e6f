/**
 * A node that writes streams and one that follows them, and a book of what either has seen: what
 * was kept has to arrive once and in order, or somebody has to say that it may be missing.
 */
import { systemClock } from '../../../src/platform/clock.js';
import type { StreamKey } from '../../../src/stores/event-store.js';
import type { ServerStore } from '../../../src/stores/server-store.js';

export interface Page {
  readonly key: StreamKey;
  /** The numbers that the store has said it keeps. */
  readonly kept: number[];
  /** The numbers that the reader has got, in that order. */
  readonly got: number[];
  /** What the reader got differs from what was written. */
  isCrossed: boolean;
  /** Nothing more will be written. */
  isWritten: boolean;
  /** Why the stream was ended, loudly. */
  ended: string | undefined;
}

export interface Ledger {
  /** Stops writing; resolves when the reader has all that is left, or was told that it has not. */
  close(): Promise<void>;
  readonly pages: readonly Page[];
  readonly counts: Readonly<{ kept: number; refused: number; streams: number; ended: number }>;
  /** Nothing was kept for a second. */
  readonly isStuck: boolean;
}

export interface Verdict {
  readonly lost: readonly string[];
  readonly doubled: readonly string[];
  readonly disordered: readonly string[];
  readonly crossed: readonly string[];
}

export interface LedgerOptions {
  readonly writer: ServerStore;
  readonly reader: ServerStore;
  readonly streams: number;
  /** What was refused is written again under its number, instead of being left out. */
  readonly doesRetry: boolean;
}

export function openLedger({ writer, reader, streams, doesRetry }: LedgerOptions): Ledger {
  const pages: Page[] = [];
  const state = { isOpen: true, refused: 0, lastKeptAt: performance.now() };
  const write = async (lane: number): Promise<void> => {
    for (let turn = 0; state.isOpen; turn++) {
      const stream = `${lane}.${turn}`;
      const key: StreamKey = { principal: 'ann', session: `s${lane}`, stream };
      const owner = writer.cluster.self;
      const page: Page = {
        key,
        kept: [],
        got: [],
        isCrossed: false,
        isWritten: false,
        ended: undefined,
      };
      if (
        !(await attempt(() => writer.events.begin(key, { owner, purpose: 'notices', owed: [] })))
      ) {
        await pause(20);
        continue;
      }
      pages.push(page);
      const following = follow(page);
      for (let seq = 1; state.isOpen && page.ended === undefined;) {
        const event = { seq, data: dataOf(stream, seq) };
        const isKept = await attempt(() => writer.events.append(key, owner, event));
        if (isKept === true) {
          page.kept.push(seq);
          state.lastKeptAt = performance.now();
        } else if (isKept === false) end(page, 'the store does not take it from its writer');
        else state.refused++;
        if (isKept === true || !doesRetry) seq++;
        await pause(isKept === undefined ? 20 : 2);
      }
      page.isWritten = true;
      await following;
    }
  };
  /** What one does when the server has changed: compares. */
  const stopDoubt = writer.cluster.onEpoch?.(() => {
    for (const page of pages) if (page.ended === undefined) void compare(page);
  });
  const compare = async (page: Page): Promise<void> => {
    for (;;) {
      const newest = page.kept.at(-1) ?? 0;
      const found = await attempt(async () => (await writer.events.state(page.key)) ?? 'none');
      if (found !== undefined) {
        if (found === 'none' || found.lastSeq < newest)
          end(page, 'the store has less than it took');
        return;
      }
      await pause(50);
    }
  };
  const end = (page: Page, why: string): void => void (page.ended ??= why);
  const follow = async (page: Page): Promise<void> => {
    let wake = (): void => undefined;
    let stop: (() => void) | undefined;
    while (page.ended === undefined) {
      const changed = new Promise<void>((resolve) => (wake = resolve));
      stop ??= await attempt(() => reader.events.watch(page.key, () => wake()));
      const cursor = page.got.at(-1) ?? 0;
      const found = await attempt(
        async () => (await reader.events.after(page.key, cursor)) ?? 'gap',
      );
      if (found === 'gap') end(page, 'the reader was told of a gap');
      else if (found === undefined || stop === undefined) await pause(20);
      else if (found.length > 0) take(page, found);
      else if (page.isWritten && cursor >= (page.kept.at(-1) ?? 0)) break;
      else await Promise.race([changed, pause(state.isOpen ? 1000 : 50)]);
    }
    stop?.();
  };
  const take = (page: Page, events: readonly { seq: number; data: string }[]): void => {
    for (const { seq, data } of events) {
      page.got.push(seq);
      if (data !== dataOf(page.key.stream, seq)) page.isCrossed = true;
    }
  };
  const writing = Array.from({ length: streams }, (_, lane) => write(lane));
  return {
    pages,
    async close() {
      state.isOpen = false;
      await Promise.all(writing);
      stopDoubt?.();
    },
    get counts() {
      const kept = pages.reduce((sum, page) => sum + page.kept.length, 0);
      const ended = pages.filter((page) => page.ended !== undefined).length;
      return { kept, refused: state.refused, streams: pages.length, ended };
    },
    get isStuck() {
      return performance.now() - state.lastKeptAt > 1000;
    },
  };
}

/** A stream that was ended loudly may lack what came last; no other may lack anything. */
export function judge(pages: readonly Page[]): Verdict {
  const named = (wrong: (page: Page) => boolean): string[] =>
    pages.filter(wrong).map(({ key, kept, got, ended }) => {
      return `${key.stream}: kept ${kept.length}, got ${got.length}, ${ended ?? 'not ended'}`;
    });
  return {
    lost: named(({ kept, got, ended }) => {
      const seen = new Set(got);
      const last = got.at(-1) ?? 0;
      return kept.some((seq) => !seen.has(seq) && (ended === undefined || seq < last));
    }),
    doubled: named(({ got }) => new Set(got).size !== got.length),
    disordered: named(({ got }) => got.some((seq, at) => at > 0 && seq !== got[at - 1]! + 1)),
    crossed: named(({ isCrossed }) => isCrossed),
  };
}

export const nothingWrong: Verdict = { lost: [], doubled: [], disordered: [], crossed: [] };

function dataOf(stream: string, seq: number): string {
  return `${stream} ${seq}`;
}

/** Undefined where the store could not say. */
async function attempt<T>(
  step: () => T | Promise<T>,
): Promise<(T extends void ? true : T) | undefined> {
  try {
    return ((await step()) ?? true) as T extends void ? true : T;
  } catch {
    return undefined;
  }
}

/** How often a node has something to say, or tries again: the pace of the test, not its clock. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => systemClock.after(ms, resolve, { holdsProcess: true }));
}
