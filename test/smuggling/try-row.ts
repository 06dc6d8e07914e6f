/** Sends one row by one front, with innocent neighbours around it, and tells what happened. */
import { once } from 'node:events';
import { type Heard, Line } from '../hostile/raw-http.js';
import type { Backend } from './backend.js';
import type { Front } from './proxies.js';
import { hidden, open, type Row, whole } from './requests.js';

/** What happened, and what of it must not. */
export interface Outcome {
  /** The answers to the row, in short, for the table. */
  readonly heard: string;
  readonly harms: readonly string[];
}

export interface Column {
  readonly front: Front;
  readonly backend: Backend;
  /** How long a neighbour waits for its answer. */
  readonly patienceMs: number;
}

/** A row that was sent. What it did may show late, so it is told when it is asked for. */
export interface Tried {
  /** A neighbour was not served: the front is of no use for what comes after. */
  readonly isPoisoned: boolean;
  outcome(): Outcome;
}

let serial = 0;

export async function tryRow(row: Row, column: Column): Promise<Tried> {
  const { front } = column;
  const number = String(serial++).padStart(7, '0');
  const markers = { open: `o${number}`, hidden: `h${number}` };
  const bytes = row.bytes.replaceAll(open, markers.open).replaceAll(hidden, markers.hidden);
  const innocents = [await callInnocently(column)];
  const line = await Line.to(front.port);
  const answers: Heard[] = [];
  line.write(bytes);
  if (row.hangsUp === true) line.hangUp();
  const listening = collect(line, row, answers);
  if (row.isGood === true || row.isPipeline === true) {
    await Promise.race([listening.enough, patience(column.patienceMs)]);
  }
  // The proxies are of one thread: when these are answered, what came before has been read.
  innocents.push(await callInnocently(column), await callInnocently(column));
  line.end();
  await Promise.race([listening.over, patience(1000)]);
  line.hangUp();
  innocents.push(await callInnocently(column), await callInnocently(column));
  const neighbours = innocents.flatMap((harm) => harm ?? []);
  return {
    isPoisoned: neighbours.length > 0,
    outcome: () => ({
      heard: answers.map(({ status }) => status).join(' ') || '-',
      harms: [...neighbours, ...harmsOf(row, column, markers, answers)],
    }),
  };
}

/** Resolves when the front's log tells of all that was sent before. */
export async function catchUp(column: Column): Promise<void> {
  const marker = nextInnocent();
  const line = await Line.to(column.front.port);
  line.write(whole(marker));
  const logged = line.answer().then(() => column.front.caughtUp(marker));
  await Promise.race([logged, patience(column.patienceMs)]);
  line.hangUp();
}

function nextInnocent(): string {
  return `i${String(serial++).padStart(7, '0')}`;
}

interface Collecting {
  /** As many answers as an honest row should have are there, or there will be none. */
  readonly enough: Promise<void>;
  readonly over: Promise<void>;
}

function collect(line: Line, row: Row, answers: Heard[]): Collecting {
  let markEnough = (): void => undefined;
  const enough = new Promise<void>((resolve) => (markEnough = resolve));
  const run = async (): Promise<void> => {
    for (;;) {
      const answer = await line.answer(row.method);
      if (answer === undefined) return markEnough();
      answers.push(answer);
      if (answers.length === (row.isPipeline === true ? 2 : 1)) markEnough();
    }
  };
  return { enough, over: run() };
}

/** Who says no more and is not hung up on is not waited for. */
async function patience(ms: number): Promise<undefined> {
  await once(AbortSignal.timeout(ms), 'abort');
  return undefined;
}

/** A good call by a connection of its own; what is wrong with its answer, if anything is. */
async function callInnocently({ front, backend, patienceMs }: Column): Promise<string | undefined> {
  const marker = nextInnocent();
  const line = await Line.to(front.port);
  line.write(whole(marker));
  const answer = await Promise.race([line.answer(), patience(patienceMs)]);
  line.hangUp();
  if (answer === undefined) return 'a neighbour was not answered';
  if (answer.status !== 200 || !answers(answer, marker)) {
    return `a neighbour got ${answer.status} ${answer.body.slice(0, 100)}`;
  }
  const runs = backend.notes.runs(marker);
  return runs === 1 ? undefined : `the call of a neighbour ran ${runs} times`;
}

function answers({ body }: Heard, marker: string): boolean {
  return body.includes(`"id":"${marker}"`) && body.includes(`did ${marker}`);
}

interface Markers {
  readonly open: string;
  readonly hidden: string;
}

function harmsOf(
  row: Row,
  { front, backend }: Column,
  markers: Markers,
  heard: readonly Heard[],
): string[] {
  const harms: string[] = [];
  const { notes } = backend;
  for (const [which, marker] of Object.entries(markers)) {
    const runs = notes.runs(marker);
    const passed = front.passed(marker);
    if (runs > 1) harms.push(`the ${which} call ran ${runs} times`);
    if (passed !== undefined && notes.seen(marker) > passed) {
      harms.push(`the ${which} request was passed on ${passed} times, seen ${notes.seen(marker)}`);
    }
    if (passed !== undefined && runs > passed) harms.push(`the ${which} call ran unseen`);
  }
  const mayFollow = row.isSound === true || row.isPipeline === true;
  // A proxy may give it a frame of its own, and then says so in its log.
  if (front.passed(markers.hidden) === undefined && !mayFollow && notes.runs(markers.hidden) > 0) {
    harms.push('the hidden call ran');
  }
  if (/"i[0-9]{7}"/.test(heard.map(({ body }) => body).join())) {
    harms.push('the answer of a neighbour');
  }
  const order = heard.flatMap(({ body }) => /"id":"([oh])[0-9]{7}"/.exec(body)?.[1] ?? []).join('');
  if (!['', 'o', 'h', 'oh'].includes(order)) harms.push(`answers out of step: ${order}`);
  if (row.isGood === true && order !== 'o') harms.push('an honest request was not answered');
  if (row.isPipeline === true && order !== 'oh') harms.push('a pipeline was not answered');
  return harms;
}
