/** A thousand slow clients, each of which comes back as soon as it is cut. */
import { connect, type Socket } from 'node:net';
import { setPriority } from 'node:os';
import type { Limits } from '../../src/limits.js';
import { type Behaviour, behavioursFor } from './behaviours.js';
import { answerParent, optionsOfParent } from './children.js';

export interface AttackOptions {
  readonly port: number;
  readonly limits: Limits;
  readonly connections: number;
}

/** One connection that attacked. */
export interface Attacker {
  readonly name: string;
  readonly cutAfterMs: number;
  /** Its own port, by which the server knows it. */
  readonly port: number;
  /** By the monotonic clock, in ms. */
  readonly connectedAt: number;
}

/** In how much time all of them connect. */
const rampMs = 2000;

const { port, limits, connections } = optionsOfParent<AttackOptions>();
const rows = behavioursFor(limits, port);
const total = rows.reduce((sum, { share }) => sum + share, 0);
const attackers: Attacker[] = [];
const open = new Set<Socket>();
let isOver = false;

// Attackers have machines of their own: what they cost should not be felt as what they do.
setPriority(10);

answerParent({
  /** Connects all, some at a time, and says when they are. */
  async begin() {
    const all = rows.flatMap((row) => {
      const count = Math.round((row.share * connections) / total);
      return Array.from({ length: count }, (_, n) => [n / count, row] as const);
    });
    // All kinds from the first moment to the last.
    all.sort(([a], [b]) => a - b);
    // One after the other, as it is with many callers; all at once they would be cut at once, too.
    const everyMs = rampMs / all.length;
    for (const [at, [, row]] of all.entries()) {
      await Promise.all([attack(row), at % 20 === 0 ? after(20 * everyMs) : undefined]);
    }
    return open.size;
  },
  end() {
    isOver = true;
    for (const socket of open) socket.destroy();
    return attackers;
  },
});

/** Resolves once it is connected, and comes back whenever it is cut. */
function attack(row: Behaviour): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  let dripping: NodeJS.Timeout | undefined;
  let isConnected = false;
  open.add(socket);
  // What is answered does not matter, but it must be read, or the end would not be noticed.
  socket.on('error', () => undefined).resume();
  socket.once('end', () => socket.destroy());
  return new Promise((resolve) => {
    socket.once('connect', () => {
      isConnected = true;
      const { name, cutAfterMs, drip } = row;
      const connectedAt = Number(process.hrtime.bigint()) / 1e6;
      attackers.push({ name, cutAfterMs, port: socket.localPort ?? 0, connectedAt });
      socket.write(row.first);
      if (drip !== undefined) {
        const next = (): boolean => socket.writable && socket.write(drip.bytes);
        dripping = setInterval(next, drip.everyMs);
      }
      resolve();
    });
    socket.once('close', () => {
      clearInterval(dripping);
      open.delete(socket);
      resolve();
      if (isOver) return;
      // Not at once where nobody listens, or this would be all that it does.
      if (isConnected) void attack(row);
      else setTimeout(() => void attack(row), 100);
    });
  });
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
