import type { Client } from '../../src/client/client.js';
import type { Change } from '../../src/client/listen.js';
import { McpError } from '../../src/errors.js';
import type { Dice } from './dice.js';
import type { Listeners } from './listeners.js';
import type { Oracle } from './oracle.js';
import type { Process, Scheduler } from './scheduler.js';
import type { SimClient } from './sim-client.js';
import { uris } from './sim-server.js';

export interface ActorOptions {
  readonly name: string;
  readonly client: SimClient;
  readonly process: Process;
  readonly scheduler: Scheduler;
  readonly dice: Dice;
  readonly oracle: Oracle;
  readonly listeners: Listeners;
  /** Aborts when those who listen for as long as they may have heard enough. */
  readonly enough: AbortSignal;
}

/** Somebody who uses a client: connects, asks for this and that, perhaps at once, and goes. */
export interface Actor {
  /** Resolves when all that was begun has ended. */
  readonly done: Promise<void>;
  close(): Promise<void>;
}

const tools = ['work', 'work', 'chatter', 'look', 'poll', 'ask', 'ask', 'never'] as const;

export function startActor(options: ActorOptions): Actor {
  const { name, client, process, scheduler, dice, oracle, listeners, enough } = options;
  let connected: Client | undefined;

  const settle = async (
    op: ReturnType<Oracle['begin']>,
    work: () => Promise<string | undefined>,
  ): Promise<void> => {
    await work().then(
      (text) => oracle.settle(op, 'result', text),
      (thrown: unknown) => oracle.settle(op, kindOf(thrown, oracle)),
    );
    // Whoever has vanished does nothing more, whatever became of what was begun.
    if (process.isDead) await new Promise(() => undefined);
  };
  const callTool = (by: Client): Promise<void> => {
    const tool = dice.pick(tools);
    const op = oracle.begin(name, tool, { mayRepeat: tool === 'look' });
    const steps = tool === 'chatter' ? dice.pick([5, 5, 40, 120]) : dice.below(5);
    const args = { op: op.name, steps, ms: dice.pick([0, 0, 20, 150, 2000]) };
    const stopper = new AbortController();
    const cancels = tool === 'never' ? dice.chance(0.8) : dice.chance(0.15);
    const stop = cancels
      ? scheduler.after(dice.between(0, 1500), `${op.name} is cancelled`, () => stopper.abort())
      : () => undefined;
    return settle(op, async () => {
      try {
        const answer = await by.callTool(tool, args, {
          signal: stopper.signal,
          timeoutMs: dice.pick([1500, 10_000]),
          onProgress: ({ message = '' }) => oracle.listen(op, message),
        });
        const [content] = answer.content;
        const isDone = answer.isError !== true && tool !== 'never' && content?.type === 'text';
        return isDone ? content.text : undefined;
      } finally {
        stop();
      }
    });
  };
  const listen = async (by: Client): Promise<void> => {
    const op = oracle.begin(name, 'listen', { mayRepeat: true });
    const wanted = dice.chance(0.5) ? uris : uris.slice(0, 1);
    const stopper = new AbortController();
    const stop = (): void => stopper.abort();
    enough.addEventListener('abort', stop);
    if (enough.aborted) stop();
    const early = dice.chance(0.3)
      ? scheduler.after(dice.between(100, 3000), `${op.name} stops`, stop)
      : () => undefined;
    const listener = listeners.add(op.name, wanted);
    await settle(op, async () => {
      try {
        const filter = { uris: wanted, tools: dice.chance(0.5) };
        for await (const change of by.listen(filter, { signal: stopper.signal })) {
          oracle.note(`${op.name} hears ${told(change)}`);
          listener.hears(change);
          if (dice.chance(0.3)) await process.sleep(dice.pick([1, 500]));
        }
        return undefined;
      } finally {
        early();
        listener.end();
        enough.removeEventListener('abort', stop);
      }
    });
  };
  const look = (by: Client): Promise<void> => {
    const [kind, work] = dice.pick<readonly [string, () => Promise<unknown>]>([
      ['ping', () => by.ping()],
      ['listTools', () => by.listTools()],
      ['readResource', () => by.readResource(uris[0])],
    ]);
    const op = oracle.begin(name, kind, { mayRepeat: true });
    return settle(op, async () => void (await work()));
  };
  const connect = async (): Promise<void> => {
    for (let attempt = 0; attempt < 4 && connected === undefined; attempt++) {
      const op = oracle.begin(name, 'connect', { mayRepeat: true });
      await settle(op, async () => void (connected = await client.connect()));
      if (connected === undefined) await process.sleep(dice.between(100, 1000));
    }
  };
  const live = async (): Promise<void> => {
    await process.sleep(dice.between(0, 500));
    await connect();
    const by = connected;
    if (by === undefined) return;
    const begun: Promise<void>[] = [];
    const count = dice.between(1, 6);
    for (let i = 0; i < count; i++) {
      const [share, act] = [dice.below(10), dice.chance(0.5)];
      begun.push(share < 7 ? callTool(by) : share < 9 ? listen(by) : look(by));
      if (act) await begun.at(-1);
      else await process.sleep(dice.pick([0, 10, 300]));
    }
    await Promise.all(begun);
  };
  const done = live();
  return {
    done,
    async close() {
      oracle.note(`${name} closes`);
      await connected?.close();
      oracle.note(`${name} is closed`);
    },
  };
}

function told(change: Change): string {
  return change.kind === 'resource' ? change.uri : change.kind;
}

/** Everything else that is thrown is a fault of the library. */
function kindOf(thrown: unknown, oracle: Oracle): string {
  if (thrown instanceof McpError) {
    oracle.note(`error ${thrown.kind}: ${thrown.message}`);
    return thrown.kind;
  }
  oracle.violate('true endings', `not an McpError: ${String(thrown)}`);
  return 'unknown';
}
