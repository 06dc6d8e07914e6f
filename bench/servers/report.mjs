/** Loaded before a measured program: tells the bench, when asked, what its process has used. */
import { Session } from 'node:inspector/promises';
import process from 'node:process';

const session = new Session();

process.on('message', (asked) => {
  // Objects are for the program itself.
  if (typeof asked !== 'string') return;
  if (asked === 'profile') return void startProfile();
  if (asked === 'profiled') return void stopProfile();
  if (asked === 'memory') for (let at = 0; at < 3; at++) globalThis.gc();
  const { user, system } = process.cpuUsage();
  const { heapUsed, external, rss } = process.memoryUsage();
  process.send({ cpuMicros: user + system, heapBytes: heapUsed + external, rssBytes: rss });
});
process.on('disconnect', () => process.exit());

async function startProfile() {
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.setSamplingInterval', { interval: 200 });
  await session.post('Profiler.start');
  process.send({});
}

async function stopProfile() {
  const { profile } = await session.post('Profiler.stop');
  process.send(profile);
}
