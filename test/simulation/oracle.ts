import type { Trace } from './trace.js';

/** What must hold in every schedule; `docs/simulation.md` says each in a sentence. */
export type Invariant =
  | 'one ending'
  | 'true endings'
  | 'no crossing'
  | 'no gap'
  | 'no duplicate'
  | 'in order'
  | 'bounded memory'
  | 'everything ends';

export interface Violation {
  readonly invariant: Invariant;
  readonly why: string;
}

/** One run of a handler: what it has said, and what of that its caller was sent. */
interface Run {
  said: number;
  heard: number;
}

export interface Op {
  readonly name: string;
  readonly client: string;
  /** It may be made again without being asked. */
  readonly mayRepeat: boolean;
  readonly runs: Run[];
  /** What its caller's listener was told, of the first run. */
  listened: number;
  /** What handlers have returned. */
  readonly returned: Set<string>;
  /** `result`, or the kind of its error. */
  outcome?: string;
}

/** Knows what was done, said and heard in a schedule, and what must not be. */
export interface Oracle {
  readonly violations: readonly Violation[];
  violate(invariant: Invariant, why: string): void;
  note(text: string): void;

  begin(client: string, kind: string, options?: { readonly mayRepeat: boolean }): Op;
  settle(op: Op, outcome: string, text?: string): void;
  readonly open: ReadonlySet<Op>;

  /** A handler begins its work for `op`. */
  run(op: string): number;
  /** What it says as its `count`th, which it may say anew when it is entered again. */
  say(op: string, run: number, count: number): string;
  returns(op: string, run: number): string;
  /** A listener of `op` was told. */
  listen(op: Op, label: string): void;

  /** A message has come all the way to `client`. */
  hear(client: string, text: string): void;
}

const label = /@(c\d+\.\d+):(\d+)\.(\d+)@/g;

/** Kinds of errors that say that nothing was done. */
const untouched: ReadonlySet<string> = new Set([
  'connectionFailed',
  'sessionNotFound',
  'tooManyRequests',
  'unavailable',
]);

export function createOracle(trace: Trace, now: () => number): Oracle {
  const violations: Violation[] = [];
  const ops = new Map<string, Op>();
  const open = new Set<Op>();
  const answered = new Map<string, Set<string>>();
  const counts = new Map<string, number>();

  const note = (text: string): void => trace.note(now(), text);
  const violate = (invariant: Invariant, why: string): void => {
    note(`VIOLATION ${invariant}: ${why}`);
    violations.push({ invariant, why });
  };
  const opOf = (name: string): Op | undefined => ops.get(name);
  const runOf = (name: string, run: number): Run | undefined => opOf(name)?.runs[run - 1];

  /** Of one run, all is heard in the order in which it was said. */
  const hearLabel = (client: string, name: string, run: number, count: number): void => {
    const op = opOf(name);
    const of = runOf(name, run);
    if (op === undefined || of === undefined) return violate('no crossing', `${name} is unknown`);
    if (op.client !== client) return violate('no crossing', `${client} hears of ${name}`);
    if (count === of.heard + 1) of.heard = count;
    else if (count > of.heard) violate('no gap', `${name}: ${count} comes after ${of.heard}`);
    else if (count === of.heard) violate('no duplicate', `${name}: ${count} comes again`);
    else violate('in order', `${name}: ${count} comes after ${of.heard}`);
  };
  const hearAnswer = (client: string, text: string): void => {
    // Most are notices, and are known by how they begin.
    if (text.startsWith('{"jsonrpc":"2.0","method"')) return;
    const message = JSON.parse(text) as { id?: unknown; method?: unknown };
    if (message.method !== undefined || message.id === undefined) return;
    const id = JSON.stringify(message.id);
    const ids = answered.get(client) ?? new Set();
    answered.set(client, ids);
    if (ids.has(id)) violate('one ending', `${client} hears the answer to ${id} twice`);
    ids.add(id);
  };
  const judgeResult = (op: Op, text: string): void => {
    if (!op.returned.has(text)) return violate('one ending', `${op.name}: nobody returned ${text}`);
    const run = Number(text.split(' ')[1]);
    const { said = 0, heard = 0 } = op.runs[run - 1] ?? {};
    if (heard < said) violate('no gap', `${op.name}: ${heard} of ${said} came before its end`);
    if (run === 1 && op.listened < said) {
      violate('no gap', `${op.name}: its listener was told ${op.listened} of ${said}`);
    }
  };

  return {
    violations,
    violate,
    note,
    begin(client, kind, { mayRepeat } = { mayRepeat: false }) {
      const number = (counts.get(client) ?? 0) + 1;
      counts.set(client, number);
      const name = `${client}.${number}`;
      // A connection of its own: its requests are numbered anew.
      if (kind === 'connect') answered.delete(client);
      const op: Op = {
        name,
        client,
        mayRepeat,
        runs: [],
        listened: 0,
        returned: new Set(),
      };
      ops.set(name, op);
      open.add(op);
      note(`${name} begins: ${kind}`);
      return op;
    },
    settle(op, outcome, text) {
      note(`${op.name} ends: ${outcome}`);
      if (op.outcome !== undefined) violate('one ending', `${op.name} ends twice`);
      op.outcome = outcome;
      open.delete(op);
      if (text !== undefined) judgeResult(op, text);
      if (untouched.has(outcome) && op.runs.length > 0 && !op.mayRepeat) {
        violate('true endings', `${op.name} has run, and ends as ${outcome}`);
      }
    },
    open,
    run(name) {
      const op = opOf(name);
      if (op === undefined) return 0;
      op.runs.push({ said: 0, heard: 0 });
      note(`${name} runs`);
      if (op.runs.length > 1 && !op.mayRepeat) violate('one ending', `${name} runs twice`);
      if (op.outcome !== undefined && untouched.has(op.outcome)) {
        violate('true endings', `${name} runs after it ended as ${op.outcome}`);
      }
      return op.runs.length;
    },
    say(name, run, count) {
      const of = runOf(name, run);
      if (of !== undefined) of.said = Math.max(of.said, count);
      return `@${name}:${run}.${count}@`;
    },
    returns(name, run) {
      const text = `${name} ${run} done`;
      opOf(name)?.returned.add(text);
      return text;
    },
    listen(op, text) {
      const [, name, run, count] = new RegExp(label.source).exec(text) ?? [];
      if (name !== op.name) violate('no crossing', `${op.name} is told ${text}`);
      if (op.outcome !== undefined)
        violate('one ending', `${op.name} is told ${text} after its end`);
      if (run !== '1') return;
      if (Number(count) !== ++op.listened) violate('in order', `${op.name} is told ${text}`);
    },
    hear(client, text) {
      for (const [, name = '', run, count] of text.matchAll(label)) {
        hearLabel(client, name, Number(run), Number(count));
      }
      hearAnswer(client, text);
    },
  };
}
