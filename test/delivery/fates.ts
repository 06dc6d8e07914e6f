import { Random } from '../fuzz/random.js';
import type { Fate } from './chaos-proxy.js';

/** Half of all connections last for fewer bytes of events than this. */
const bytesUsual = 12_000;
/** More than the request of a call has. */
const requestBytes = 1400;

/** What becomes of connections, by their numbers: the same for the same seed. */
export function fatesOf(seed: number): (connection: number) => Fate {
  return (connection) => {
    const random = new Random(seed, 'connection', connection);
    const towards = random.chance(85) ? 'client' : 'server';
    const how = random.chance(90) ? 'cut' : random.pick(['stall', 'blackhole', 'delay'] as const);
    return {
      towards,
      afterBytes: towards === 'server' ? random.below(requestBytes) : bytesBefore(random),
      how,
      ms: how === 'delay' ? random.between(1, 10) : random.between(10, 100),
      client: random.pick(['fin', 'rst']),
      server: random.pick(['fin', 'rst']),
    };
  };
}

/** Any byte of the head, of the first event, or of many of them. */
function bytesBefore(random: Random): number {
  if (random.chance(15)) return random.below(700);
  return random.below(2 * bytesUsual);
}
