/**
 * Starts servers like any program would, says when all are up, and closes them when it is told to.
 * The argument is a `HostOrder`, as JSON in base64.
 */
import { createInterface } from 'node:readline';
import { resolveLimits } from '../../src/limits.js';
import { systemClock } from '../../src/platform/clock.js';
import { type ChildPipe, startChild } from '../../src/transports/stdio/child-process.js';
import { namespacePrefix } from '../../src/transports/stdio/isolation.js';
import type { Sandbox } from '../../src/transports/stdio/sandbox.js';

export interface HostOrder {
  readonly count: number;
  readonly command: string;
  /** `%` stands for the number of the server, here and in `env`. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly sandbox: Sandbox;
  readonly isolation: 'auto' | 'process-group';
  /** Kills itself that long after it began to start them. */
  readonly killAfterMs?: number;
}

export interface HostReport {
  readonly up: readonly number[];
  readonly isolation: string;
}

const order = JSON.parse(Buffer.from(process.argv[2] ?? '', 'base64').toString()) as HostOrder;

// So that what is measured begins with the first process.
if (order.killAfterMs !== undefined) await namespacePrefix();
const starting = Array.from({ length: order.count }, (_, at) => startOne(at));
if (order.killAfterMs !== undefined) killSelf(performance.now() + order.killAfterMs);
await Promise.race(starting);
process.stdout.write('the first is up\n');
const pipes = await Promise.all(starting);
const report: HostReport = {
  up: pipes.map(({ pid }) => pid),
  isolation: pipes[0]?.isolation ?? '',
};
process.stdout.write(`${JSON.stringify(report)}\n`);

for await (const line of createInterface(process.stdin)) {
  if (line !== 'close') continue;
  const times = await Promise.all(pipes.map(closeOne));
  process.stdout.write(`${Math.max(...times)}\n`);
}
process.exit(0);

/** Timers would wait for the work of this process, and be late. */
function killSelf(at: number): void {
  if (performance.now() >= at) process.kill(process.pid, 'SIGKILL');
  setImmediate(killSelf, at);
}

async function startOne(at: number): Promise<ChildPipe> {
  const numbered = (text: string): string => text.replaceAll('%', String(at));
  const env = Object.entries(order.env).map(([name, value]) => [name, numbered(value)]);
  const { command, sandbox, isolation } = order;
  const pipe = await startChild({
    command,
    args: order.args.map(numbered),
    sandbox,
    isolation,
    env: Object.fromEntries(env) as Record<string, string>,
    limits: resolveLimits(),
    clock: systemClock,
  });
  await new Promise<void>((resolve, reject) => {
    const end = (): void => reject(new Error(`A server was never up: ${pipe.stderrTail()}`));
    pipe.start({ receive: () => resolve(), reject: () => undefined, end });
  });
  return pipe;
}

async function closeOne(pipe: ChildPipe): Promise<number> {
  const began = performance.now();
  await pipe.close();
  return Math.round(performance.now() - began);
}
