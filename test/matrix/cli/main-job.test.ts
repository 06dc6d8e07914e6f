/** The main job: `process_files` gives one and the same result however it is reached. */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { filesServer, launch, main, sallyport, start } from './processes.js';

const folder = mkdtempSync(join(tmpdir(), 'files-'));
const long = 'word '.repeat(100_000);
const contents: { readonly [path: string]: string } = {
  'a.txt': 'one two\nthree',
  'b\nc.txt': '\n',
  'empty.txt': '',
  'long.txt': long,
  'sub/deep/d.txt': '\u00e9t\u00e9 \t x\r\n',
};

let url: string;
let serving: ReturnType<typeof launch>;

beforeAll(async () => {
  for (const [path, text] of Object.entries(contents)) write(path, text);
  for (const leftOut of ['.git', 'node_modules']) write(`${leftOut}/x`, 'x');
  symlinkSync(join(folder, 'a.txt'), join(folder, 'link.txt'));
  symlinkSync(tmpdir(), join(folder, 'outside'));
  serving = launch([main, 'serve', filesServer, '--port', '0'], { env: { FILES_ROOT: folder } });
  [, url = ''] = await serving.saying(/ at (http:\S+)/);
});
afterAll(async () => {
  await serving.kill();
  rmSync(folder, { recursive: true });
});

function write(path: string, text: string): void {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), text);
}

const ways = ['http', 'stdio'].flatMap((transport) =>
  ['modern', 'legacy'].map((era) => [transport, era] as const),
);

/** `sallyport call` by one of the ways. */
function call(transport: string, era: string, words: readonly string[]): ReturnType<typeof start> {
  const [target, child] =
    transport === 'http'
      ? [[url], []]
      : [
          [],
          [
            '-e',
            `FILES_ROOT=${folder}`,
            '--',
            process.execPath,
            main,
            'serve',
            filesServer,
            '--stdio',
          ],
        ];
  return sallyport(['call', ...target, 'process_files', ...words, '--era', era, ...child]);
}

const expected = {
  dir: '.',
  files: Object.entries(contents).map(([path, text]) => ({
    path,
    bytes: Buffer.byteLength(text),
    lines: text.split('\n').length - 1,
    words: text.split(/\s+/).filter(Boolean).length,
    sha256: createHash('sha256').update(text).digest('hex'),
  })),
  totalBytes: Object.values(contents).reduce((sum, text) => sum + Buffer.byteLength(text), 0),
  remaining: 0,
  unreadableFolders: [],
};

const texts = new Set<string>();

describe.each(ways)('over %s, %s era', (transport, era) => {
  test('the result is the same, and each file is told of as it completes', async () => {
    const { code, stdout, stderr } = await call(transport, era, ['--json']).ended;
    expect(code).toBe(0);
    const result = JSON.parse(stdout) as { structuredContent: object; content: { text: string }[] };
    expect(result.structuredContent).toEqual(expected);
    texts.add(result.content[0]?.text ?? '');
    expect(texts.size).toBe(1);

    const events = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Event);
    const ofMethod = (method: string): Event['params'][] =>
      events.filter((event) => event.method === method).map((event) => event.params);
    const paths = Object.keys(contents);
    const progress = paths.map((message, at) => ({
      progress: at + 1,
      total: paths.length,
      message,
    }));
    expect(ofMethod('notifications/progress')).toEqual(progress);
    const logged = ofMethod('notifications/message').map(
      ({ data }) => (data as { file: string }).file,
    );
    expect(logged).toEqual(paths);
  });

  test('people get a row for each file and the number of files', async () => {
    const { code, stdout } = await call(transport, era, ['--quiet']).ended;
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\n');
    expect(lines.at(-1)).toBe('5 files');
    expect(
      lines.filter((line) => /^ *\d+ +\d+ +\d+ {2}[0-9a-f]{64} {2}\S/.test(line)),
    ).toHaveLength(5);
    expect(stdout).toContain('b\\u000ac.txt');
  });
});

test('files beyond the limit are counted, not read', async () => {
  const { stdout } = await call('http', 'auto', ['maxFiles=2', '--quiet']).ended;
  expect(stdout).toMatch(/^3 more files remain.*\n.*\n2 files$/m);
});

test.each(['..', 'outside'])('nothing outside of the folder is shown: %s', async (dir) => {
  const { code, stdout, stderr } = await call('http', 'auto', [`dir=${dir}`]).ended;
  expect({ code, stdout }).toEqual({ code: 5, stdout: '' });
  expect(stderr).toContain('There is no folder');
});

interface Event {
  readonly method: string;
  readonly params: { readonly data?: unknown };
}

test('npm start -- --once: lines of progress, a table, the number of files, and an end', async () => {
  const words = ['--import', 'tsx', 'examples/files/start.ts', '--once', '--dir', folder];
  const { code, stdout, stderr } = await start(words).ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/\n5 files\n$/);
  for (const { sha256 } of expected.files) expect(stdout).toContain(sha256);
  expect(stderr).toContain('100% 5/5 sub/deep/d.txt');
  expect(stderr).toContain('5 progress notifications and 5 log messages');
});

test('npm start: the server goes on serving, at the URL that it prints', async () => {
  const running = start(['--import', 'tsx', 'examples/files/start.ts', '--dir', folder]);
  const [, at = ''] = await running.saying(/still runs at (http:\S+);/);
  expect((await sallyport(['call', at, 'process_files', 'dir=sub', '-q']).ended).stdout).toMatch(
    /\n1 files\n$/,
  );
  running.signal('SIGINT');
  const { code, stderr } = await running.ended;
  expect(code).toBe(0);
  expect(stderr).not.toContain('Cancelling');
});
