import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createServer, ToolError } from '../../../src/index.js';
import { type Listening, listen } from '../../../src/transports/http/index.js';
import { run } from './run.js';

const server = createServer({ name: 'demo', version: '1.2.3', instructions: 'Be kind.' });
const greetInput = {
  type: 'object',
  properties: { name: { type: 'string', description: 'Whom' }, times: { type: 'integer' } },
  required: ['name'],
  additionalProperties: false,
};
server.tool('greet', { description: 'Greets.', input: greetInput }, ({ name, times }) =>
  JSON.stringify({ name, times }),
);
server.tool('fail', {}, () => {
  throw new ToolError('the\ndisk is full');
});
server.tool('structured', { output: { type: 'object' } }, () => ({ a: 1 }));
server.tool('rude', {}, () => 'red\x1b]0;title\x07 \x1b[31mtext');
server.tool('steps', {}, async (_args, call) => {
  await call.log('warning', 'careful', 'steps');
  await call.progress(1, { of: 2, message: 'one' });
  await call.progress(2, { of: 2, message: 'two' });
  return 'done';
});
let stopped = (): void => undefined;
server.tool('wait', {}, async (_args, call) => {
  await call.progress(1, { of: 2, message: 'waiting' });
  await new Promise<void>((resolve) => call.signal.addEventListener('abort', () => resolve()));
  stopped();
  return 'stopped';
});
server.tool('ask', {}, async (_args, call) => {
  const schema = {
    type: 'object',
    properties: { age: { type: 'integer', minimum: 0 }, nick: { type: 'string' } },
    required: ['age'],
  };
  return JSON.stringify(await call.ask.form('who', 'How old?', schema));
});
server.resource('note:///a', { name: 'A note', mimeType: 'text/plain' }, () => 'a note');
server.resource('bytes:///{n}', { name: 'Bytes' }, () => new Uint8Array([1, 2, 255]));
server.prompt(
  'review',
  { input: { type: 'object', properties: { of: { type: 'string' } } } },
  (a) => `Review ${JSON.stringify(a)}`,
);

let listening: Listening;
let url: string;
beforeAll(async () => {
  listening = await listen(server);
  ({ url } = listening);
});
afterAll(() => listening.close({ drainMs: 0 }));

describe.each(['modern', 'legacy'])('of the %s era', (era) => {
  const at = (...words: string[]): string[] => [...words, '--era', era];

  test('call prints text', async () => {
    const { code, stdout, stderr } = await run(at('call', url, 'greet', 'name=5', 'times=5'));
    expect({ code, stdout, stderr }).toEqual({
      code: 0,
      stdout: '{"name":"5","times":5}\n',
      stderr: '',
    });
  });

  test('call --json prints the result and its events apart', async () => {
    const { code, stdout, stderr } = await run(at('call', url, 'steps', '--json'));
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ content: [{ type: 'text', text: 'done' }] });
    const events = stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(events).toEqual([
      {
        method: 'notifications/message',
        params: { level: 'warning', logger: 'steps', data: 'careful' },
      },
      { method: 'notifications/progress', params: { progress: 1, total: 2, message: 'one' } },
      { method: 'notifications/progress', params: { progress: 2, total: 2, message: 'two' } },
    ]);
  });

  test('call shows progress and log messages as lines', async () => {
    const { stdout, stderr } = await run(at('call', url, 'steps'));
    expect(stdout).toBe('done\n');
    expect(stderr).toBe('warning   steps: careful\n 50% 1/2 one\n100% 2/2 two\n');
    expect((await run(at('call', url, 'steps', '--quiet'))).stderr).toBe('');
  });

  test('an interrupt cancels the call at the server', async () => {
    const controller = new AbortController();
    const done = new Promise<void>((resolve) => (stopped = resolve));
    const { code, stdout, stderr } = await run(at('call', url, 'wait'), {
      signal: controller.signal,
      onStderr: (text) => {
        if (text.includes('waiting')) controller.abort('interrupted');
      },
    });
    await done;
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(stderr).toContain('Cancelling');
  });

  test('a question is answered by --answer, or declined aloud', async () => {
    const answered = await run(at('call', url, 'ask', '--answer', 'age=30'));
    expect(answered).toMatchObject({ code: 0, stdout: '{"age":30}\n' });
    const declined = await run(at('call', url, 'ask'));
    expect(declined.code).toBe(5);
    expect(declined.stderr).toContain('declined. Run this in a terminal, or add --answer age=');
    const wrong = await run(at('call', url, 'ask', '--answer', 'age=-1'));
    expect(wrong.code).toBe(5);
    expect(wrong.stderr).toContain('--answer age: "age": must be');
  });

  test('lists and reads', async () => {
    const { stdout } = await run(at('tools', url));
    expect(stdout).toContain(
      'greet\n  Greets.\n    name=string (required)  Whom\n    times=integer\n',
    );
    const { tools } = JSON.parse((await run(at('tools', url, '--json'))).stdout) as {
      tools: object[];
    };
    expect(tools[0]).toEqual({ name: 'greet', description: 'Greets.', inputSchema: greetInput });
    expect((await run(at('resources', url))).stdout).toBe(
      'note:///a  A note  text/plain\nbytes:///{n}  Bytes\n',
    );
    expect((await run(at('read', url, 'note:///a'))).stdout).toBe('a note\n');
    expect((await run(at('prompts', url))).stdout).toBe('review\n    of=text\n');
    expect((await run(at('prompt', url, 'review', 'of=it'))).stdout).toBe(
      'user: Review {"of":"it"}\n',
    );
  });

  test('ping says what answered', async () => {
    expect((await run(at('ping', url))).stdout).toMatch(/^demo 1\.2\.3 answered in [\d.]+ ms\n/);
    const { stdout } = await run(at('ping', url, '--json'));
    expect(JSON.parse(stdout)).toMatchObject({ info: { name: 'demo' }, instructions: 'Be kind.' });
  });
});

test('structured content alone is printed readably', async () => {
  expect((await run(['call', url, 'structured', '--json'])).stdout).toContain(
    '"structuredContent"',
  );
  expect((await run(['call', url, 'structured'])).stdout).toBe('{"a":1}\n');
});

test('a terminal gets no control sequences of a server, a file gets all bytes', async () => {
  expect((await run(['call', url, 'rude'], { tty: true })).stdout).toBe('red text\n');
  expect((await run(['call', url, 'rude'])).stdout).toBe('red\x1b]0;title\x07 \x1b[31mtext\n');
  const { stdout } = await run(['read', url, 'bytes:///3'], { tty: true });
  expect(stdout).toBe('[bytes:///3, 3 bytes; redirect them to a file]\n');
});

test('colour for terminals and on demand', async () => {
  const tools = async (options: object): Promise<boolean> =>
    (await run(['tools', url], options)).stdout.includes('\x1b[');
  expect(await tools({ tty: true })).toBe(true);
  expect(await tools({ tty: true, env: { NO_COLOR: '1' } })).toBe(false);
  expect(await tools({})).toBe(false);
  expect(await tools({ env: { FORCE_COLOR: '1' } })).toBe(true);
});

describe('what goes wrong has a code of its own and says what to do', () => {
  test.each<[words: string[], code: number, stderr: RegExp]>([
    [['cal'], 1, /Unknown command 'cal'.*\n {2}Did you mean call\?/],
    [['tools', '--jsn'], 1, /Unknown option '--jsn'.*\n {2}Did you mean --json\?/],
    [['tools'], 1, /no server to talk to.*\n {2}Give a URL, or a command after --/],
    [['tools', 'localhost:3000'], 1, /"localhost:3000" is no URL/],
    [['tools', 'URL', 'more'], 1, /"more" is too much/],
    [['tools', 'URL', '--timeout', 'soon'], 1, /--timeout.*number of seconds/],
    [['tools', 'URL', '--era', 'stone'], 1, /auto, modern or legacy/],
    [['tools', 'URL', '-H', 'nonsense'], 1, /A header is malformed/],
    [['tools', 'URL', '-e', 'A=1'], 1, /For a URL use -H/],
    [['tools', '-H', 'a: b', '--', 'x'], 1, /A command has no HTTP headers/],
    [['tools', '--'], 1, /Nothing follows --/],
    [['call', 'URL'], 1, /no tool to call/],
    [['call', 'URL', 'gret'], 1, /no tool "gret".*\n {2}Did you mean greet\?/],
    [['call', 'URL', 'nothing_like_it'], 1, /It has: greet, fail/],
    [['call', 'URL', 'greet'], 1, /also needs name.*\n {2}Add name=<string>/],
    [['call', 'URL', 'greet', 'name=a', 'times=b'], 1, /must be a whole number.*\n {2}.*times=3/],
    [['call', 'URL', 'fail'], 5, /The tool "fail" failed: the\n {2}disk is full/],
    [['read', 'URL', 'note:///b'], 5, /The server answered: Resource not found/],
    [['prompt', 'URL', 'none'], 5, /Unknown prompt/],
    [['tools', 'http://127.0.0.1:1/mcp'], 4, /nothing listens there/],
    [['tools', '--', 'no-such-command-at-all'], 4, /was not found/],
    [['call', 'URL', 'wait', '--timeout', '200ms'], 124, /No answer.*\n {2}Allow more time/],
    [['serve', 'no-such-file.js'], 1, /no module "no-such-file.js"/],
    [['serve', 'x.js', '--port', '70000'], 1, /0 to 65535/],
    [['serve', 'x.js', '--path', 'mcp'], 1, /does not begin with a slash/],
  ])('%j: %i', async (words, code, stderr) => {
    const real = words.map((word) => (word === 'URL' ? url : word));
    const ran = await run(real);
    expect(ran).toMatchObject({ code, stdout: '' });
    expect(ran.stderr).toMatch(stderr);
    const at = real.indexOf('--');
    const json = await run(at < 0 ? [...real, '--json'] : real.toSpliced(at, 0, '--json'));
    const last = json.stderr.trimEnd().split('\n').at(-1) ?? '';
    expect(JSON.parse(last)).toMatchObject({ error: { exit: code, message: expect.any(String) } });
    expect(json.code).toBe(code);
  });

  test('a server that wants a token', async () => {
    const seen: (string | undefined)[] = [];
    const http = createHttpServer((request, response) => {
      seen.push(request.headers['x-key']?.toString());
      response.writeHead(401, { 'www-authenticate': 'Bearer' }).end();
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    const { port } = http.address() as AddressInfo;
    const ran = await run(['tools', `http://127.0.0.1:${port}/mcp`, '-H', 'X-Key: a: b']);
    http.close();
    expect(ran.code).toBe(3);
    expect(ran.stderr).toContain('--header-file');
    expect(seen).toEqual(['a: b']);
  });
});

test('help for all and for each command, with examples', async () => {
  const all = await run(['--help']);
  expect(all.code).toBe(0);
  expect(all.stdout).toContain('call TARGET TOOL [ARGUMENT...]');
  for (const name of 'serve call tools resources prompts read prompt ping'.split(' ')) {
    const { code, stdout } = await run([name, '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/Examples?:\n {2}sallyport /);
  }
  expect(await run([])).toMatchObject({ code: 1, stdout: '' });
  expect((await run(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});
