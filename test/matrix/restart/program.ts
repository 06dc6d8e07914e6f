/** A server of both eras that dies, hangs and changes as it is told; stderr says what it hears. */
const script = `
const say = (message) => console.log(JSON.stringify({ jsonrpc: '2.0', ...message }));
const tell = (line) => process.stderr.write(process.pid + ' ' + line + '\\n');
const { existsSync, writeFileSync } = require('node:fs');
const listens = [];
const capabilities = {
  logging: {}, tools: { listChanged: true }, resources: { subscribe: true, listChanged: true },
};
const schema = { type: 'object' };
const tool = (name, readOnlyHint) => ({ name, inputSchema: schema, annotations: { readOnlyHint } });
const tools = [tool('pid', true), tool('die', false), tool('die once', true)];
const ack = 'notifications/subscriptions/acknowledged';
const key = 'io.modelcontextprotocol/subscriptionId';
const text = (id, text) => say({ id, result: { resultType: 'complete', content: [{ type: 'text', text }] } });
const die = () => { process.stderr.write('out of luck\\n', () => process.exit(3)); };
const answers = {
  'server/discover': () => ({
    supportedVersions: ['2026-07-28'], capabilities, ttlMs: 0, cacheScope: 'private',
  }),
  initialize: () => ({
    protocolVersion: '2025-11-25', capabilities, serverInfo: { name: 'mortal', version: '1' },
  }),
  'tools/list': () => ({ tools, ttlMs: 0, cacheScope: 'private' }),
  ping: () => ({}),
  'logging/setLevel': () => ({}),
  'resources/subscribe': () => ({}),
  'resources/unsubscribe': () => ({}),
};
const calls = {
  pid: (id) => text(id, String(process.pid)),
  die,
  never() {},
  'die once': (id) => {
    if (existsSync(process.argv[1])) return text(id, String(process.pid));
    writeFileSync(process.argv[1], '');
    die();
  },
  hang: () => { for (;;); },
  change: (id) => {
    const method = 'notifications/tools/list_changed';
    if (listens.length === 0) say({ method });
    for (const id of listens) say({ method, params: { _meta: { [key]: id } } });
    text(id, 'changed');
  },
};
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  tell(method + (params?.uri ?? params?.name ?? params?.level ?? ''));
  if (method === 'tools/call') calls[params.name](id);
  else if (method === 'subscriptions/listen') {
    listens.push(id);
    say({ method: ack, params: { notifications: params.notifications, _meta: { [key]: id } } });
  } else if (id !== undefined) say({ id, result: { resultType: 'complete', ...answers[method]() } });
}).on('close', () => tell('end'));
tell('started');
`;

/** What its processes said, in order; `file` is where it leaves a mark of having died once. */
export function mortal(file: string, said: { add(line: string): void }) {
  return {
    command: process.execPath,
    args: ['-e', script, file],
    stderr: (line: string) => said.add(line),
    // Process numbers mean the same outside.
    isolation: 'process-group' as const,
  };
}

/** Lines that come one after another, and whoever waits for one. */
export class Said {
  readonly lines: string[] = [];
  readonly #waiting = new Set<() => void>();

  add(line: string): void {
    this.lines.push(line);
    for (const look of this.#waiting) look();
  }

  /** Resolves once so many lines end with `text`. */
  until(text: string, count = 1): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.lines.filter((line) => line.endsWith(text)).length < count) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
      look();
    });
  }

  /** What each process heard, the oldest first. */
  byProcess(): readonly (readonly string[])[] {
    const heard = new Map<string, string[]>();
    for (const line of this.lines) {
      const [, pid, what] = /^(\d+) (.*)$/.exec(line) ?? [];
      if (pid === undefined || what === undefined) continue;
      heard.set(pid, [...(heard.get(pid) ?? []), what]);
    }
    return [...heard.values()];
  }

  pids(): readonly number[] {
    const pids = this.lines.map((line) => Number.parseInt(line, 10));
    return [...new Set(pids)].filter((pid) => pid > 0);
  }
}
