/** A server with a bit of everything, and a record of what failed inside of it. */
import { createServer, type Server, ToolError } from '../../src/server/index.js';

/** What the tool `boom` throws; nothing else may fail inside. */
export const boom = new Error('canary-91c4');

export interface FuzzServer {
  readonly server: Server;
  /** The first thing that failed inside since the last time. */
  takeFault(): string | undefined;
}

const text = { type: 'string' } as const;

export function createFuzzServer(): FuzzServer {
  const faults: string[] = [];
  const server = createServer({
    name: 'fuzz',
    version: '1.0.0',
    onError(thrown) {
      if (thrown === boom) return;
      faults.push(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
    },
  });
  addTools(server);
  server.resource('memo://one', { name: 'one' }, () => 'one');
  server.resource('file:///{a}{b}{c}{d}', { name: 'files' }, ({ variables }) =>
    JSON.stringify(variables),
  );
  server.resource(
    'memo://{+path}{?q,lang*}',
    { name: 'memos', complete: { path: (value) => [`${value}a`] } },
    ({ uri }) => uri,
  );
  server.prompt(
    'brief',
    {
      input: { type: 'object', properties: { topic: text }, required: ['topic'] },
      complete: { topic: (value) => ['one', 'two'].filter((one) => one.startsWith(value)) },
    },
    ({ topic }) => `Be brief about ${String(topic)}`,
  );
  return { server, takeFault: () => faults.splice(0)[0] };
}

function addTools(server: Server): void {
  server.tool('echo', { input: { type: 'object' } }, (args) => JSON.stringify(args));
  server.tool('add', { input: numbers, output: sum }, ({ a, b }) => ({
    sum: Number(a) + Number(b),
  }));
  server.tool('region', { input: region }, ({ region: where }) => String(where));
  server.tool('strict', { input: strict }, () => 'fits');
  server.tool('talk', { input: { type: 'object' } }, async ({ what }, call) => {
    await call.progress(1, { of: 2, message: String(what) });
    await call.log('info', what, 'talk');
    return 'said';
  });
  server.tool('ask', {}, async (_, call) => {
    const answer = await call.ask.form('who', 'Who?', {
      type: 'object',
      properties: { who: text },
    });
    return JSON.stringify(answer);
  });
  server.tool('boom', {}, () => {
    throw boom;
  });
  server.tool('sorry', {}, () => {
    throw new ToolError('Not today');
  });
}

const numbers = {
  type: 'object',
  properties: { a: { type: 'number' }, b: { type: 'number', minimum: 0 } },
  required: ['a', 'b'],
} as const;

const sum = { type: 'object', properties: { sum: { type: 'number' } } } as const;

const region = {
  type: 'object',
  properties: { region: { type: 'string', 'x-mcp-header': 'Region' } },
} as const;

const strict = {
  type: 'object',
  properties: {
    mail: { type: 'string', format: 'email', pattern: '^(a+)+@' },
    list: { type: 'array', uniqueItems: true, items: { anyOf: [text, { type: 'integer' }] } },
    mode: { enum: ['on', 'off', { x: 1 }] },
  },
  additionalProperties: false,
  unevaluatedProperties: false,
} as const;
