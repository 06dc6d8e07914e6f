import type { Pipe } from '../../src/engine/pipe.js';
import { servePipe } from '../../src/pipe.js';
import { resolveLimits } from '../../src/limits.js';
import { stdioPipe } from '../../src/transports/stdio/serve.js';
import { createBytePipe } from './byte-pipe.js';
import type { Faults } from './faults.js';
import { noteLines, receiveLines } from './received.js';
import type { Process, Scheduler } from './scheduler.js';
import { createSimServer, type SimServer, type SimServerOptions } from './sim-server.js';

export interface ChildOptions extends SimServerOptions {
  readonly scheduler: Scheduler;
  readonly faults: () => Faults;
  /** Who has started it. */
  readonly parent: { readonly name: string; readonly process: Process };
}

/** A server at the other end of a pair of pipes, which may die at any piece of it. */
export interface Child {
  readonly served: SimServer;
  readonly process: Process;
  readonly pipe: Pipe;
  /** Who has started it is gone. */
  leave(): void;
}

export function startChild(options: ChildOptions): Child {
  const { process, dice, oracle, scheduler, faults, parent } = options;
  const limits = resolveLimits(options.limits);
  const served = createSimServer(options);
  const lines = receiveLines({ client: parent.name, oracle });
  const written = noteLines({ client: parent.name, oracle });
  const mayDie = (): void => {
    if (dice.chance(faults().childDies)) kill();
  };
  const pipe = (name: string, onPiece: (piece: Uint8Array) => void) =>
    createBytePipe({ name: `${process.name} ${name}`, scheduler, dice, onPiece });
  const input = pipe('stdin', (piece) => {
    written.take(piece);
    mayDie();
  });
  const output = pipe('stdout', (piece) => {
    lines.take(piece);
    mayDie();
  });
  const kill = (): void => {
    if (process.isDead) return;
    oracle.note(`${process.name} dies`);
    process.kill();
    input.end();
    output.end();
  };
  const theirs = stdioPipe({ stdin: input.to, stdout: output.from, limits, clock: process.clock });
  const ours = stdioPipe({
    ...{ stdin: output.to, stdout: input.from, limits },
    clock: parent.process.clock,
  });
  const serving = servePipe(served.server, theirs, {
    ...{ limits: options.limits, platform: served.platform },
    principal: { id: 'parent' },
  });
  void serving.closed.then(() => {
    if (process.isDead) return;
    served.server.close();
    oracle.note(`${process.name} exits`);
    output.end();
  });
  return {
    served,
    process,
    pipe: { ...ours, close: () => ours.close().then(() => void input.from.end()) },
    leave: () => input.end(),
  };
}
