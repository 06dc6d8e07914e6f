/**
 * A node that does one step and dies at a named point of it: `before` it has said anything to Redis,
 * `sent` when it has, `done` when it knows that it is done. Says `done` before the last.
 */
import { writeSync } from 'node:fs';
import { redisStore } from '../../../src/stores/redis.js';
import { steps } from './steps.js';

const [url = '', prefix = '', name = '', point = ''] = process.argv.slice(2);
const die = (): void => void process.kill(process.pid, 'SIGKILL');

const step = steps[name];
if (step === undefined) throw new Error(`There is no step "${name}"`);
const store = await redisStore(url, { prefix });
const acting = Promise.resolve(step.act(store));
if (point === 'before') die();
if (point === 'sent') setImmediate(die);
await acting;
if (point === 'done') {
  writeSync(1, 'done');
  die();
}
