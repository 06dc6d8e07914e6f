/** Whatever a server says, it controls no terminal: neither standard output nor standard error. */
import { expect, onTestFinished, test } from 'vitest';
import { createServer, ToolError } from '../../../src/index.js';
import { listen } from '../../../src/transports/http/index.js';
import { run } from '../../unit/cli/run.js';
import { openHostile } from './hostile-server.js';
import { openLedger } from './ledger.js';

const attacks: readonly (readonly [what: string, text: string])[] = [
  ['a colour', '\x1b[31mred'],
  ['a cleared screen', '\x1b[2J\x1b[Hx'],
  ['a title', '\x1b]0;title\x07x'],
  ['a link', '\x1b]8;;http://evil.example\x1b\\here\x1b]8;;\x1b\\'],
  ['the clipboard', '\x1b]52;c;ZXZpbA==\x07x'],
  ['a device control string', '\x1bPq\x1b\\'],
  ['a control sequence of one byte', '\x9b31mred'],
  ['a bell and backspaces', 'x\x07\x08\x08\x08y'],
  ['a return to the start of the line', 'evil\rgood'],
  ['text that runs backwards', 'file\u202etxt.exe'],
  ['delete characters', 'x\x7f\x7f'],
];

test.each(attacks)('%s reaches a terminal that a naive command prints to', (_what, text) => {
  expect(unsafe(`${text}\n`)).toBe(true);
});

test.each(attacks)('%s in what a server offers and returns reaches none', async (_what, text) => {
  const url = await rudeServer(text);
  const commands = [
    ['ping', url],
    ['tools', url],
    ['prompts', url],
    ['resources', url],
    ['call', url, 'work'],
    ['call', url, 'fail'],
    ['call', url, 'nothing'],
    ['prompt', url, 'ask'],
    ['read', url, 'text:///one'],
    ['--json', 'call', url, 'work'],
    ['--json', 'call', url, 'fail'],
    ['--json', 'tools', url],
  ];
  for (const words of commands) {
    const { stdout, stderr } = await run(words, { tty: true, env: { NO_COLOR: '1' } });
    expect(stdout + stderr, words.join(' ')).not.toBe('');
    expect(unsafe(stdout), `${words.join(' ')}: ${JSON.stringify(stdout)}`).toBe(false);
    expect(unsafe(stderr), `${words.join(' ')}: ${JSON.stringify(stderr)}`).toBe(false);
  }
});

test.each(attacks)('%s in names that no good server has reaches none', async (_what, text) => {
  const tools = [
    {
      name: `tool ${text}`,
      inputSchema: { type: 'object', properties: { [text]: { enum: [text], default: text } } },
    },
    {
      name: `header ${text}`,
      inputSchema: { type: 'object', properties: { x: { type: 'array', 'x-mcp-header': text } } },
    },
  ];
  const result = { resultType: 'complete', tools, ttlMs: 0, cacheScope: 'private' };
  const reply = ({ id }: { id: unknown }) => ({
    body: JSON.stringify({ jsonrpc: '2.0', id, result }),
  });
  const server = await openHostile({ name: text, at: 'tools/list', reply }, openLedger());
  onTestFinished(() => server.close());
  for (const words of [
    ['tools', server.url],
    ['call', server.url, 'tool'],
    ['--json', 'tools', server.url],
  ]) {
    const { stdout, stderr } = await run(words, { tty: true, env: { NO_COLOR: '1' } });
    expect(unsafe(stdout + stderr), JSON.stringify(stdout + stderr)).toBe(false);
  }
});

/** Whether a text does more to a terminal than to appear, in lines. */
function unsafe(text: string): boolean {
  return /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/.test(text);
}

async function rudeServer(text: string): Promise<string> {
  const server = createServer({ name: `rude ${text}`, version: text, instructions: text });
  server.tool('work', { description: text, title: text }, async (_args, call) => {
    await call.log('warning', text, `logger ${text}`);
    await call.progress(1, { of: 2, message: text });
    return text;
  });
  server.tool('fail', {}, () => {
    throw new ToolError(text);
  });
  server.prompt('ask', { description: text }, () => text);
  server.resource('text:///one', { name: text, description: text }, () => text);
  const listening = await listen(server, { port: 0 });
  onTestFinished(() => listening.close());
  return listening.url;
}
