/**
 * What `npm start` runs: the server of server.ts on 127.0.0.1, a client that calls its tool over
 * Streamable HTTP and shows the progress live, and then the server for as long as you like.
 *
 *   npm start -- [--dir PATH] [--once] [--port PORT]
 */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { connect, McpError } from 'sallyport';
import { type Listening, listen } from 'sallyport/http';
import { createProgressView } from '../../src/cli/terminal/progress.js';
import { readSurface } from '../../src/cli/terminal/surface.js';
import { createFilesServer, type FilesReport } from './server.js';
import { renderTable } from './table.js';

const options = readOptions();

const interrupted = new AbortController();
process.on('SIGINT', () => {
  // The second Ctrl-C does not wait for anything.
  if (interrupted.signal.aborted) process.exit(130);
  interrupted.abort();
});

// npm runs this in the package's folder; paths are meant from where its user stands.
const root = resolve(process.env['INIT_CWD'] ?? '.', options.dir);
if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true) {
  giveUp(`There is no folder ${root}.`);
}
const listening = await listen(createFilesServer(root), { port: Number(options.port) });
console.error(`The server "files" is at ${listening.url} and shows ${root}`);
process.exitCode = await run(listening);

async function run({ url }: Listening): Promise<number> {
  try {
    const report = await processFiles(url);
    const isNarrow = process.stdout.isTTY && process.stdout.columns < 140;
    console.log(renderTable(report, isNarrow ? { hashDigits: 16 } : {}));
    if (!options.once) await keepServing(url);
    return 0;
  } catch (thrown) {
    if (thrown instanceof McpError && thrown.kind === 'cancelled') return 130;
    console.error(thrown instanceof McpError ? `The call failed: ${thrown.message}` : thrown);
    return 1;
  } finally {
    await listening.close();
  }
}

async function processFiles(url: string): Promise<FilesReport> {
  const surface = readSurface({ isTty: process.stderr.isTTY, env: process.env });
  const view = createProgressView({ stream: process.stderr, surface });
  const { signal } = interrupted;
  const cancelling = (): void => {
    view.end();
    console.error('Cancelling the call ...');
  };
  signal.addEventListener('abort', cancelling);
  const heard = { progress: 0, logs: 0 };
  await using client = await connect(url, { onLog: () => heard.logs++ });
  try {
    const result = await client.callTool(
      'process_files',
      {},
      {
        signal,
        onProgress(progress) {
          heard.progress++;
          if (!signal.aborted) view.update(progress);
        },
      },
    );
    if (result.isError === true) throw new McpError('peer', textOf(result.content));
    return result.structuredContent as FilesReport;
  } finally {
    signal.removeEventListener('abort', cancelling);
    view.end();
    const { progress, logs } = heard;
    console.error(`While it ran came ${progress} progress notifications and ${logs} log messages.`);
  }
}

async function keepServing(url: string): Promise<void> {
  console.error(`
The server still runs at ${url}; Ctrl-C ends it. In another terminal, try:
  node dist/cli/main.js tools ${url}
  node dist/cli/main.js call ${url} process_files dir=. maxFiles=20
  node dist/cli/main.js call ${url} process_files --json --era legacy
  node dist/cli/main.js call process_files dir=examples -- node dist/cli/main.js serve --stdio examples/files/server.ts`);
  const { signal } = interrupted;
  await new Promise<void>((done) => {
    if (signal.aborted) done();
    signal.addEventListener('abort', () => done(), { once: true });
  });
}

function readOptions(): { readonly dir: string; readonly port: string; readonly once: boolean } {
  try {
    return parseArgs({
      options: {
        dir: { type: 'string', default: '.' },
        port: { type: 'string', default: '0' },
        once: { type: 'boolean', default: false },
      },
    }).values;
  } catch (thrown) {
    return giveUp(thrown instanceof Error ? thrown.message : 'The options are not understood.');
  }
}

function giveUp(why: string): never {
  console.error(`${why}\nUse: npm start -- [--dir PATH] [--once] [--port PORT]`);
  process.exit(1);
}

function textOf(content: readonly { readonly type: string; readonly text?: unknown }[]): string {
  return content.flatMap(({ text }) => (typeof text === 'string' ? [text] : [])).join('\n');
}
