/** Readers of event streams that stall, beside good ones. */
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import type { Limits } from '../../src/limits.js';
import { onSession } from '../hostile/attack.js';
import { type Child, startChild } from './children.js';
import { percentile } from './figures.js';
import { startNarrowReaders } from './narrow.js';
import { openSession, send } from './polite.js';
import { type CameBack, type Cut, comeBackToCalls, comeBackToStreams } from './come-back.js';
import { legacyTalk, listenTo, modernTalk, subscribeTo, textOf } from './streams.js';
import type { Accepted, Counts, Talk } from './target.js';

export interface StalledOptions {
  readonly limits: Partial<Limits>;
  /** Where the server keeps things. Default: memory. */
  readonly store?: string;
  /** How many readers stall; a quarter each of GET streams, legacy calls, modern calls, listens. */
  readonly stalled: number;
  /** How many do not. */
  readonly good: number;
  readonly onStep?: (text: string) => void;
}

export interface StalledFigures {
  /** Megabytes of the server: before, and while all stall. */
  readonly rss: readonly [before: number, most: number];
  /** How late events are at good readers, in ms: alone, and beside those that stall. */
  readonly alone: { readonly p50: number; readonly p99: number };
  readonly beside: { readonly p50: number; readonly p99: number };
  /** At the same time, at a server of the same machine that has no others. */
  readonly elsewhere: { readonly p50: number; readonly p99: number };
  /** How many connections are left, beside those of good readers, in the end. */
  readonly left: number;
  /** Calls that were aborted, and those that should have been. */
  readonly aborted: readonly [aborted: number, expected: number];
  /** What those found who came back to the answers to their calls, and to their GET streams. */
  readonly calls: CameBack;
  readonly streams: CameBack;
  /** When the readers were cut after they had connected, in ms. */
  readonly cutMs: readonly [earliest: number, latest: number];
}

/** More than a reader of the smallest buffers is sent before the server notices. */
const told: Talk = { count: 80, pad: 2000 };
const uri = `memo:///${'n'.repeat(8000)}`;
/** The last thing that is told of, so that readers of streams without an end know it. */
const lastUri = 'memo:///last';

export async function runStalled(options: StalledOptions): Promise<StalledFigures> {
  const { limits, store = 'memory', stalled, good, onStep = () => undefined } = options;
  const [target, twin] = await Promise.all([
    startChild('target', { limits, store }),
    startChild('target', { limits }),
  ]);
  const readers = startNarrowReaders();
  const listeners = await openGoodReaders(target, good);
  const listenersOfTwin = await openGoodReaders(twin, good);
  try {
    onStep(`${good} good readers alone`);
    await listeners.pass(good * 30);
    const alone = listeners.take();
    const before = await target.ask<number>('memory');

    onStep(`${stalled} readers that stall`);
    const sessions = await openSessions(target.port, stalled / 2);
    const opened = await readers.open(target.port, requestsFor(target.port, sessions));
    // As much as it takes for all of them to stall.
    for (let count = 0; count < 25; count++) {
      await target.ask('change', { uri });
      await listeners.pass(good / 2);
    }
    listeners.take();
    listenersOfTwin.take();
    await listeners.pass(good * 20);
    const [beside, elsewhere] = [listeners.take(), listenersOfTwin.take()];
    const most = await target.ask<number>('memory');
    onStep('until they are cut');
    let open = stalled;
    while (open > 0) {
      // For those that a busy server has told of too few.
      await target.ask('change', { uri });
      await listeners.pass(good);
      open = (await target.ask<{ open: number }>('connections')).open - good;
    }
    const { accepted } = await target.ask<{ accepted: Accepted[] }>('connections');
    const counts = await target.ask<Counts>('counts');

    onStep('those who come back');
    const cut = await readers.drain(Object.keys(opened));
    const cutsOf = (kind: 'call' | 'stream'): Cut[] =>
      sessions.flatMap((session, at) => {
        const text = cut[`legacy ${kind} ${at}`];
        return text === undefined ? [] : { session, text };
      });
    const calls = await comeBackToCalls(target.port, cutsOf('call'), told.count);
    const tellLast = (): Promise<unknown> => target.ask('change', { uri: lastUri });
    const streams = await comeBackToStreams(target.port, cutsOf('stream'), lastUri, tellLast);
    // A port may have been another's before.
    const byPort = new Map(accepted.map((one) => [one.port, one]));
    const lasted = Object.values(opened).map((port) => {
      const { openedAt, closedAt = NaN } = byPort.get(port)!;
      return Math.round(closedAt - openedAt);
    });
    return {
      rss: [before, most],
      alone,
      beside,
      elsewhere,
      left: open,
      aborted: [counts.aborted, stalled / 4],
      calls,
      streams,
      cutMs: [percentile(lasted, 0), percentile(lasted, 100)],
    };
  } finally {
    listeners.end();
    listenersOfTwin.end();
    await Promise.all([readers.end(), target.end(), twin.end()]);
  }
}

async function openSessions(port: number, count: number): Promise<string[]> {
  const sessions: string[] = [];
  const openSome = async (): Promise<void> => {
    while (sessions.length < count) {
      const session = await openSession(port);
      if (sessions.push(session) % 2 === 1) continue;
      for (const one of [uri, lastUri]) await send(port, subscribeTo(session, one));
    }
  };
  await Promise.all(Array.from({ length: 8 }, openSome));
  return sessions.slice(0, count);
}

/** Half of the sessions make a call, the others wait for notices; as many do the same without. */
function requestsFor(port: number, sessions: readonly string[]): { [name: string]: string } {
  const requests: { [name: string]: string } = {};
  for (const [at, session] of sessions.entries()) {
    const isCall = at % 2 === 0;
    requests[`legacy ${isCall ? 'call' : 'stream'} ${at}`] = textOf(
      isCall ? legacyTalk(session, 1, told) : onSession('GET', session),
      port,
    );
    requests[`modern ${isCall ? 'call' : 'listen'} ${at}`] = textOf(
      isCall ? modernTalk(told) : listenTo(uri),
      port,
    );
  }
  return requests;
}

interface GoodReaders {
  /** Resolves once so many more events have come. */
  pass(events: number): Promise<void>;
  /** How late the events were since the last time. */
  take(): { readonly p50: number; readonly p99: number };
  end(): void;
}

async function openGoodReaders({ port }: Child, count: number): Promise<GoodReaders> {
  const talk: Talk = { count: 100_000, everyMs: 100 };
  const sockets: Socket[] = [];
  let late: number[] = [];
  let events = 0;
  let wake = (): void => undefined;
  for (let at = 0; at < count; at++) {
    const parts = at % 2 === 0 ? modernTalk(talk) : legacyTalk(await openSession(port), 1, talk);
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    socket.write(textOf(parts, port));
    socket.setEncoding('latin1').on('data', (text: string) => {
      const now = Number(process.hrtime.bigint()) / 1e6;
      for (const [, sentAt] of text.matchAll(/"message":"([0-9.]+) /g)) {
        late.push(now - Number(sentAt));
        events++;
      }
      wake();
    });
    sockets.push(socket);
  }
  return {
    pass(more) {
      const until = events + more;
      return new Promise((resolve) => {
        wake = () => {
          if (events >= until) resolve();
        };
      });
    },
    take() {
      const taken = late;
      late = [];
      return { p50: percentile(taken, 50), p99: percentile(taken, 99) };
    },
    end() {
      for (const socket of sockets) socket.destroy();
    },
  };
}
