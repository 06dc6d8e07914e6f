/**
 * A process that does what the script says with a file, tells of each step before and after, and
 * ends itself at a point. Without one it goes through, and tells every point on its way.
 *
 *     node child.js FILE [POINT COUNT]
 */
import { writeSync } from 'node:fs';
import { resolveLimits } from '../../../src/limits.js';
import { systemClock } from '../../../src/platform/clock.js';
import { systemRandom } from '../../../src/platform/random.js';
import { findDriver } from '../../../src/stores/sqlite/driver.js';
import { openStore } from '../../../src/stores/sqlite/store.js';
import { pointsOf } from './points.js';
import { limits, script, timeOf } from './script.js';
import { storm } from './storm.js';

const [file = '', point, count = '1'] = process.argv.slice(2);
let left = Number(count);
// Written at once: what a process has said by then is kept by the pipe when it dies.
const tell = (what: string): void => void writeSync(1, `${what}\n`);

const { connect, during } = pointsOf(await findDriver(), (name) => {
  if (point === undefined) tell(`point ${name}`);
  if (name === point && --left === 0) process.kill(process.pid, 'SIGKILL');
});

let at = 0;
const options = { file, connect, synchronous: 'NORMAL', random: systemRandom } as const;
const clock = { ...systemClock, now: () => timeOf(at), after: () => () => undefined };

if (point === 'storm') {
  storm(openStore({ ...options, limits: resolveLimits(), clock: systemClock }), tell);
} else {
  const store = openStore({ ...options, limits: resolveLimits(limits), clock });
  for (const { name, run } of script) {
    during(name);
    tell(`start ${at}`);
    await run(store);
    tell(`done ${at}`);
    at++;
  }
  during('close');
  await store.close();
  tell('closed');
}
