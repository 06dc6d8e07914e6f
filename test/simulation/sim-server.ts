import { createServer, type Server } from '../../src/index.js';
import type { Call } from '../../src/server/call.js';
import type { Limits } from '../../src/limits.js';
import type { Platform } from '../../src/platform/platform.js';
import type { Dice } from './dice.js';
import type { Oracle } from './oracle.js';
import type { Plant } from './plant.js';
import type { Process } from './scheduler.js';
import { input, type SimArgs } from './sim-schema.js';
import { syncCrypto } from './sync-crypto.js';

export interface SimServerOptions {
  readonly process: Process;
  readonly dice: Dice;
  readonly oracle: Oracle;
  readonly limits: Partial<Limits>;
  readonly plant: Plant;
}

/** A server whose handlers tell the oracle what they do. */
export interface SimServer {
  readonly server: Server;
  readonly platform: Platform;
  /** Requests that are being worked on. */
  readonly running: number;
  update(uri: string): void;
}

export const uris = ['sim://a', 'sim://b'] as const;
const stateSecret = new Uint8Array(32).fill(7);
const form = {
  type: 'object',
  properties: { op: { type: 'string' } },
  required: ['op'],
} as const;
const padding = '.'.repeat(300);

export function createSimServer(options: SimServerOptions): SimServer {
  const { process, dice, oracle, limits, plant } = options;
  const clock = plant.clock?.(process.clock, dice) ?? process.clock;
  const platform: Platform = { clock, random: dice, crypto: syncCrypto };
  let running = 0;
  const server = createServer({
    ...{ name: 'sim', version: '1', limits, platform, stateSecret },
    onError: (thrown) => oracle.note(`a handler threw ${String(thrown)}`),
  });
  if (plant.exchange !== undefined) server.use(plant.exchange(dice));
  const { exchange } = server;
  const counted: Server = {
    ...server,
    async exchange(request, io) {
      running++;
      try {
        return await exchange(request, io);
      } finally {
        running--;
      }
    },
  };
  addTools(server, options);
  for (const uri of uris) server.resource(uri, {}, () => 'content');
  return {
    server: counted,
    platform,
    get running() {
      return process.isDead ? 0 : running;
    },
    update(uri) {
      oracle.note(`${process.name} updates ${uri}`);
      server.resourceUpdated(uri);
    },
  };
}

function addTools(server: Server, { process, oracle }: SimServerOptions): void {
  const say = async (
    call: Call,
    op: string,
    run: number,
    count: number,
    pad = '',
  ): Promise<void> => {
    const message = oracle.say(op, run, count) + pad;
    await call.progress(count, { message });
  };
  const work = async ({ op, steps, ms }: SimArgs, call: Call, pad = ''): Promise<string> => {
    const run = oracle.run(op);
    for (let count = 1; count <= steps && !call.signal.aborted; count++) {
      if (ms > 0) await process.sleep(ms);
      await say(call, op, run, count, pad);
    }
    return oracle.returns(op, run);
  };
  server.tool('work', { input }, work);
  server.tool('chatter', { input }, (args, call) => work(args, call, padding));
  server.tool('look', { input, annotations: { readOnlyHint: true } }, (args, call) =>
    work(args, call),
  );
  server.tool('poll', { input }, (args, call) => {
    call.detach({ retryMs: args.ms });
    return work(args, call);
  });
  server.tool('ask', { input }, async (args, call) => {
    const { op, ms } = args;
    const run = await call.once('run', () => oracle.run(op));
    await say(call, op, run, 1);
    const answers = await Promise.all([
      call.ask.form('one', op, form),
      call.ask.form('two', op, form),
    ]);
    for (const answer of answers) {
      if (answer['op'] !== op)
        oracle.violate('no crossing', `${op} is answered ${JSON.stringify(answer)}`);
    }
    if (ms > 0) await process.sleep(ms);
    await say(call, op, run, 2);
    return oracle.returns(op, run);
  });
  server.tool('never', { input }, async (args, call) => {
    oracle.run(args.op);
    await new Promise<void>((resolve) => {
      if (call.signal.aborted) resolve();
      else call.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    return 'aborted';
  });
}
