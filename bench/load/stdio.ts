/** Calls over standard input and output, line by line. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { endOf, type Until } from './until.js';
import { bodyOf, type Era, idOf, initialize, isRight, type Question } from './messages.js';

export interface StdioLoad {
  readonly question: Question;
  readonly era: Era;
  readonly inFlight: number;
  readonly until: Until;
}

const pieceBytes = 64 * 1024;

export class StdioPeer {
  readonly #child: ChildProcess;
  #rest = '';
  #onText: (text: string) => void = () => undefined;

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stdin!.on('error', () => undefined);
    child.stdout!.setEncoding('utf8').on('data', (text: string) => this.#onText(text));
  }

  async initialize(): Promise<void> {
    const answer = this.#nextLine();
    this.#send(bodyOf(initialize, 0, 'legacy'));
    const line = await answer;
    if (!isRight(initialize, line)) throw new Error(`A wrong answer: ${line.slice(0, 500)}`);
    this.#send(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }));
  }

  /** Makes calls, so many in flight, and looks at each answer; returns how many were answered. */
  async run({ question, era, inFlight, until }: StdioLoad): Promise<number> {
    const ends = endOf(until);
    let [sent, answered, events] = [0, 0, 0];
    // The bodies are prepared, as those of the load over HTTP are; ids come again once answered.
    const free = Array.from({ length: inFlight }, (_, at) => at + 1);
    const bodies = free.map((id) => `${bodyOf(question, id, era)}\n`);
    const waiting = new Set<number>();
    let batch = '';
    const send = (id: number): void => {
      if (ends(sent, answered)) return;
      sent++;
      waiting.add(id);
      batch += bodies[id - 1]!;
    };
    const flush = (): void => {
      if (batch !== '') this.#child.stdin!.write(batch);
      batch = '';
    };
    await new Promise<void>((resolve, reject) => {
      const onLine = (line: string): void => {
        if (line.startsWith('{"jsonrpc":"2.0","method":"notifications/') || isEvent(line)) {
          return void events++;
        }
        if (!line.includes(question.expect))
          return reject(new Error(`Wrong: ${line.slice(0, 500)}`));
        const id = idOf(line);
        if (!waiting.delete(id)) return reject(new Error(`Nobody asked: ${line.slice(0, 500)}`));
        answered++;
        send(id);
        if (answered === sent) resolve();
      };
      this.#onText = (text) => {
        const lines = (this.#rest + text).split('\n');
        this.#rest = lines.pop()!;
        for (const line of lines) onLine(line);
        flush();
      };
      this.#child.once('exit', () => reject(new Error('The server has ended')));
      for (const id of free) send(id);
      flush();
    });
    if (events !== answered * (question.events ?? 0)) {
      throw new Error(`${events} events came in ${answered} answers`);
    }
    return answered;
  }

  /** Sends one message in pieces of 64 KB, and waits for its answer. */
  async sendLarge(question: Question, era: Era): Promise<void> {
    const line = Buffer.from(`${bodyOf(question, 1, era)}\n`);
    const answer = this.#nextLine();
    // A server that ends while it is still being sent to is told of below.
    answer.catch(() => undefined);
    for (let at = 0; at < line.length; at += pieceBytes) {
      if (!this.#child.stdin!.write(line.subarray(at, at + pieceBytes))) {
        await once(this.#child.stdin!, 'drain');
      }
    }
    const text = await answer;
    if (!isRight(question, text)) throw new Error(`A wrong answer: ${text.slice(0, 500)}`);
  }

  #send(message: string): void {
    this.#child.stdin!.write(`${message}\n`);
  }

  #nextLine(): Promise<string> {
    const parts: string[] = [];
    return new Promise((resolve, reject) => {
      this.#child.once('exit', () => reject(new Error('The server has ended')));
      this.#onText = (text) => {
        parts.push(text);
        if (!text.includes('\n')) return;
        const line = parts.join('');
        // Notices may come before the answer.
        const found = line.split('\n').find((one) => one.includes('"id":'));
        if (found !== undefined) resolve(found);
      };
    });
  }
}

const isEvent = (line: string): boolean => line.includes('"method":"notifications/');
