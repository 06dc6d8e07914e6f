import type { CallEnd, Ears } from './receiver.js';
import { numberOf, type Ring } from './ring.js';
import type { SentCall, SentLog } from './server.js';
import { Tally } from './tally.js';

/** What became of all that was sent to one client, or to several. */
export interface Figures {
  /** Calls that were answered, and events, answers and notices that came. */
  calls: number;
  events: number;
  notices: number;
  lost: number;
  duplicated: number;
  reordered: number;
  /** Belonged to another client, or was never sent. */
  crossed: number;
  /** Calls that were cut before their first event id, and of those the ones that ran to an end. */
  unknown: number;
  unknownDone: number;
  /** Calls that failed although there was an event id to come back to, or that have no fate. */
  failed: number;
  /** Clients that were told of a gap. */
  gaps: number;
}

/** Compares what one client hears with what the server says that it has sent. */
export interface Oracle extends Ears {
  readonly figures: Figures;
  /** The number of the newest notice. */
  readonly noticed: number;
  /** Some texts of what was wrong. */
  readonly faults: readonly string[];
  ended(tag: string, end: CallEnd): void;
  /** Settles the calls that have ended. Those that the log knows nothing of were never begun. */
  compare(log: SentLog): void;
}

const faultsMax = 20;

export function createOracle(who: string, ring: Ring, onNotice: () => void): Oracle {
  const figures = noFigures();
  const running = new Map<string, { readonly tally: Tally; end?: CallEnd }>();
  const notices = new Tally();
  const faults: string[] = [];

  const blame = (what: keyof Figures, count: number, why: string): void => {
    if (count === 0) return;
    figures[what] += count;
    if (faults.length < faultsMax) faults.push(`${who} ${what} ${count}: ${why}`);
  };
  const callOf = (tag: string): { readonly tally: Tally; end?: CallEnd } => {
    let call = running.get(tag);
    if (call === undefined) running.set(tag, (call = { tally: new Tally() }));
    return call;
  };
  /** A call that is cut early may have been sent what nobody has promised to deliver. */
  const settle = (tag: string, tally: Tally, end: CallEnd, sent: SentCall | undefined): void => {
    const { duplicated, reordered, last } = tally;
    blame('duplicated', duplicated, tag);
    blame('reordered', reordered, tag);
    const told = sent?.sent ?? 0;
    blame('crossed', Math.max(0, last - told), `${tag} was sent ${told}, came to ${last}`);
    if (end.kind === 'answered') {
      figures.calls++;
      blame('lost', tally.lost(told), `${tag} was sent ${told}, came to ${last}`);
      return;
    }
    const isSettled = sent?.fate !== 'running';
    if (end.kind === 'failed') blame('failed', 1, `${tag}: ${end.why}`);
    else if (last > 0) blame('failed', 1, `${tag} is unknown after ${last} events`);
    else if (!isSettled) blame('failed', 1, `${tag} has no fate`);
    figures.unknown++;
    if (sent?.fate === 'answered') figures.unknownDone++;
  };

  return {
    figures,
    faults,
    get noticed() {
      return notices.last;
    },
    event(text) {
      const [, tag = '', n = ''] = /^(.+)\/([0-9]+)$/.exec(text) ?? [];
      if (!tag.startsWith(`${who}:`)) return blame('crossed', 1, text);
      figures.events++;
      callOf(tag).tally.take(Number(n));
    },
    notice(uri) {
      const n = numberOf(ring, uri, notices.last);
      if (n === undefined) return blame('crossed', 1, uri);
      figures.notices++;
      notices.take(n);
      onNotice();
    },
    gap: () => blame('gaps', 1, 'told of a gap'),
    ended(tag, end) {
      callOf(tag).end = end;
    },
    compare(log) {
      for (const [tag, { tally, end }] of running) {
        if (end === undefined) continue;
        running.delete(tag);
        settle(tag, tally, end, log.calls[tag]);
      }
      const sent = log.notices[who] ?? 0;
      blame('lost', notices.lost(sent), `notices, sent ${sent}, came to ${notices.last}`);
      blame('crossed', Math.max(0, notices.last - sent), 'notices that were not sent');
      blame('duplicated', notices.duplicated, 'notices');
      blame('reordered', notices.reordered, 'notices');
    },
  };
}

export function noFigures(): Figures {
  return {
    ...{ calls: 0, events: 0, notices: 0, lost: 0, duplicated: 0, reordered: 0, crossed: 0 },
    ...{ unknown: 0, unknownDone: 0, failed: 0, gaps: 0 },
  };
}

export function sumOf(all: readonly Figures[]): Figures {
  const sum = noFigures();
  for (const one of all) {
    for (const name of Object.keys(sum) as (keyof Figures)[]) sum[name] += one[name];
  }
  return sum;
}
