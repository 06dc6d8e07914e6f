/**
 * A client under measurement: `drive.mjs --client NAME (--url URL | --stdio -- COMMAND ARGS...)`.
 * Each message of its parent says how long to make calls and how many at once; each is answered
 * with how many were made. Started by hand with `--calls N --at-once M` it makes so many, and
 * prints what they took as one line of JSON. Every answer is checked.
 */
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  options: {
    client: { type: 'string' },
    url: { type: 'string' },
    stdio: { type: 'boolean' },
    calls: { type: 'string' },
    'at-once': { type: 'string', default: '1' },
  },
  allowPositionals: true,
});
const [command, ...args] = positionals;
const target = values.stdio === true ? { command, args } : { url: values.url };
// A message that comes before anybody listens is lost: the bench waits until this says it is ready.
const { open } = await import(`./${values.client}.mjs`);
let opened;

if (values.calls === undefined) {
  process.on('message', (asked) => {
    if (typeof asked === 'object') void answer(asked);
  });
  process.send({ ready: true });
} else {
  await printCalls(Number(values.calls), Number(values['at-once']));
  process.exit();
}

async function answer({ ms, atOnce, atLeast = 0 }) {
  const begin = performance.now();
  const answered = await makeCalls(atOnce, (sent, done) => {
    const taken = performance.now() - begin;
    return taken < ms || (taken < 3 * ms && done < atLeast);
  });
  process.send({ answered });
}

async function printCalls(calls, atOnce) {
  await makeCalls(1, (sent) => sent < 1);
  const [before, begin] = [process.cpuUsage(), performance.now()];
  const answered = await makeCalls(atOnce, (sent) => sent < calls);
  const { user, system } = process.cpuUsage(before);
  const wallMs = Number((performance.now() - begin).toFixed(1));
  console.log(JSON.stringify({ calls: answered, cpuMicros: user + system, wallMs }));
}

async function makeCalls(atOnce, goesOn) {
  const { call } = await (opened ??= open(target));
  let [sent, answered] = [0, 0];
  const caller = async () => {
    while (goesOn(sent, answered)) {
      sent++;
      const text = await call('hello');
      if (text !== 'hello') throw new Error(`A wrong answer: ${text}`);
      answered++;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, caller));
  return answered;
}
