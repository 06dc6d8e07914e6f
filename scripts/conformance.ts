/**
 * Runs the official conformance suite against the fixtures, for each revision it has a frozen
 * list for, and prints `SIDE REVISION: N passed, M failed` for each list.
 *
 *   npm run conformance -- --only server|client --revision R --scenario NAME --verbose
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import {
  judgeClient,
  judgeServer,
  requirementsOf,
  suiteInstalled,
  type Side,
  type Verdict,
} from './conformance-suite.js';
import { oneFile } from './one-file.js';
import { root } from './steps.js';

const revisions = ['2025-11-25', '2026-07-28'];

/** Scenarios that measure time, and so do not share the machine with another. */
const timed = new Set(['sse-retry']);

const noteLengthMax = 160;

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    revision: { type: 'string' },
    scenario: { type: 'string' },
    verbose: { type: 'boolean', default: false },
  },
});

interface Tally {
  passed: number;
  failed: number;
}

await main();

async function main(): Promise<void> {
  const complaint = refusal();
  if (complaint !== undefined) {
    console.error(complaint);
    process.exitCode = 2;
    return;
  }
  const total: Tally = { passed: 0, failed: 0 };
  for (const side of ['server', 'client'] as const) {
    if (options.only !== undefined && options.only !== side) continue;
    for (const revision of revisions) {
      if (options.revision !== undefined && options.revision !== revision) continue;
      const tally = await judge(side, revision);
      total.passed += tally.passed;
      total.failed += tally.failed;
    }
  }
  console.log(`total: ${inWords(total)}`);
  if (total.passed + total.failed === 0) {
    console.error('Nothing ran: no list has such a scenario. --verbose prints the names.');
  }
  process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
}

function refusal(): string | undefined {
  const { only, revision } = options;
  if (!suiteInstalled()) return 'The conformance suite is not installed. Run "npm ci".';
  if (only !== undefined && only !== 'server' && only !== 'client') {
    return `--only takes "server" or "client", not "${only}".`;
  }
  if (revision !== undefined && !revisions.includes(revision)) {
    return `--revision takes one of ${revisions.join(', ')}.`;
  }
  return undefined;
}

/** Runs one list, prints it, and counts what the revision scores. */
async function judge(side: Side, revision: string): Promise<Tally> {
  const started = performance.now();
  const { scored, unscored } = await requirementsOf(side, revision);
  const { scenario } = options;
  const all = [...scored, ...unscored];
  if (scenario !== undefined && !all.includes(scenario)) return { passed: 0, failed: 0 };
  const names = scenario === undefined ? all : [scenario];
  const verdicts = await (side === 'server' ? judgeServers : judgeClients)(names, revision);

  const counts = (name: string): boolean => scored.includes(name) || name === scenario;
  const judged = verdicts.filter(({ scenario: name }) => counts(name));
  const tally: Tally = {
    passed: judged.filter(({ passed }) => passed).length,
    failed: judged.filter(({ passed }) => !passed).length,
  };
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  for (const one of options.verbose ? verdicts : judged) explain(one);
  for (const one of verdicts.filter(({ scenario: name }) => !counts(name))) {
    console.log(`  not scored: ${one.scenario} ${one.passed ? 'passed' : 'failed'}`);
  }
  console.log(`  took ${seconds} s`);
  console.log(`${side} ${revision}: ${inWords(tally)}`);
  return tally;
}

function explain({ scenario, passed, notes, output }: Verdict): void {
  if (passed && !options.verbose) return;
  console.log(`  ${passed ? 'passed' : 'FAILED'} ${scenario}`);
  for (const note of notes) {
    console.log(`    ${options.verbose ? note : note.split('\n')[0]?.slice(0, noteLengthMax)}`);
  }
  if (options.verbose && options.scenario !== undefined) console.log(output);
}

function inWords({ passed, failed }: Tally): string {
  return `${passed} passed, ${failed} failed`;
}

async function judgeServers(names: readonly string[], revision: string): Promise<Verdict[]> {
  const path = 'fixtures/http.ts';
  if (!existsSync(root + path)) return allFailed(names, `there is no ${path}`);
  const port = await freePort();
  const args = ['--import', 'tsx', path, '--port', String(port)];
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  try {
    const said = await firstUrl(child);
    if (said.url === undefined) return allFailed(names, `${path} did not start: ${said.text}`);
    // The suite's check against DNS rebinding wants this name, not an address.
    return await judgeServer(`http://localhost:${port}/mcp`, revision, names, options.scenario);
  } finally {
    await end(child);
  }
}

async function judgeClients(names: readonly string[], revision: string): Promise<Verdict[]> {
  const path = 'fixtures/client.ts';
  if (!existsSync(root + path)) return allFailed(names, `there is no ${path}`);
  // It starts once for each scenario.
  const client = await oneFile(root + path, `${root}build/conformance`);
  const verdicts: Verdict[] = [];
  for (const name of names.filter((one) => timed.has(one))) {
    verdicts.push(await judgeClient(client, name, revision));
  }
  const rest = names.filter((one) => !timed.has(one)).values();
  const worker = async (): Promise<void> => {
    for (const name of rest) verdicts.push(await judgeClient(client, name, revision));
  };
  await Promise.all([worker(), worker()]);
  return verdicts.toSorted((a, b) => names.indexOf(a.scenario) - names.indexOf(b.scenario));
}

function allFailed(names: readonly string[], reason: string): Verdict[] {
  return names.map((scenario) => ({ scenario, passed: false, notes: [reason], output: '' }));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Resolves when the fixture has printed its URL to stderr, or has ended without. */
function firstUrl(child: ChildProcess): Promise<{ url: string | undefined; text: string }> {
  return new Promise((resolve) => {
    let text = '';
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      text = (text + chunk).slice(-4000);
      const url = /http:\/\/\S+/.exec(text)?.[0];
      if (url !== undefined) resolve({ url, text });
    });
    child.on('close', () => resolve({ url: undefined, text }));
    child.on('error', (error) => resolve({ url: undefined, text: error.message }));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  const deadline = setTimeout(() => child.kill('SIGKILL'), 5000);
  await closed;
  clearTimeout(deadline);
}
