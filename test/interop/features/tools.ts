import { expect } from 'vitest';
import { demo, everyContent } from '../demo.js';
import type { Column } from '../columns.js';
import { testClient, type ProgressStep } from '../clients/interop-client.js';
import { type Feature, type Refusal, refusalOf } from './feature.js';

export const toolFeatures: readonly Feature[] = [
  {
    name: 'handshake',
    async show(client, { era }) {
      expect(client.server).toMatchObject({ name: demo.name, version: demo.version });
      expect(client.instructions).toBe(demo.instructions);
      expect(client.capabilities).toMatchObject({
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
        completions: {},
      });
      expect(client.protocolVersion).toBe(era === 'modern' ? '2026-07-28' : '2025-11-25');
    },
  },
  {
    name: 'ping',
    async show(client) {
      expect(await client.ping()).toBeUndefined();
    },
  },
  {
    name: 'list of tools',
    async show(client) {
      const tools = await client.list('tools');
      const names = tools.map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(['add', 'echo', 'steps', 'ask_form', 'grow']));
      expect(new Set(names).size).toBe(names.length);
      expect(tools.find(({ name }) => name === 'add')).toMatchObject({
        title: 'Add',
        description: 'Adds two numbers.',
        annotations: { readOnlyHint: true },
        inputSchema: {
          type: 'object',
          properties: { a: { type: 'number' } },
          required: ['a', 'b'],
        },
        outputSchema: { type: 'object', properties: { sum: { type: 'number' } } },
      });
    },
  },
  {
    name: 'structured output',
    async show(client) {
      const answer = await client.call('add', { a: 2, b: 3 });
      expect(answer.structuredContent).toEqual({ sum: 5 });
      expect(answer.content).toEqual([{ type: 'text', text: '{"sum":5}' }]);
    },
  },
  {
    name: 'structured list',
    async show(client, column) {
      const answer = await client.call('primes');
      expect(answer.content).toEqual(listAsText(column).map((text) => ({ type: 'text', text })));
      expect(answer.structuredContent).toEqual(structuredList(column));
    },
  },
  {
    name: 'content of all kinds',
    async show(client) {
      expect((await client.call('show')).content).toEqual(everyContent);
    },
  },
  {
    name: 'a megabyte and umlauts',
    async show(client) {
      const text = 'ä🙂\n'.repeat(140_000);
      const answer = await client.call('echo', { text });
      // Compared as a whole: a failure must not print a megabyte.
      expect((answer.content[0] as { text: string }).text === text).toBe(true);
    },
  },
  {
    name: 'many calls at once',
    async show(client) {
      const numbers = Array.from({ length: 40 }, (_, at) => at);
      const answers = await Promise.all(numbers.map((a) => client.call('add', { a, b: 1 })));
      const sums = answers.map(({ structuredContent }) => structuredContent);
      expect(sums).toEqual(numbers.map((a) => ({ sum: a + 1 })));
    },
  },
  {
    name: '_meta both ways',
    async show(client) {
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      const answer = await client.call('trace', {}, { meta: { traceparent } });
      expect(answer.content).toEqual([{ type: 'text', text: traceparent }]);
      expect(answer._meta).toMatchObject({ 'demo/seen': true });
    },
  },
  {
    name: 'argument in a header',
    async show(client) {
      // A client learns from the list which arguments are mirrored.
      await client.list('tools');
      const answer = await client.call('region', { region: 'Zürich, Süd' });
      expect(answer.content).toEqual([{ type: 'text', text: 'Zürich, Süd' }]);
    },
  },
  {
    name: 'a tool that fails',
    async show(client, { server }) {
      const refusal = await refusalOf(client.call('fail'));
      // The Python SDK says which tool it was.
      const start = server === 'python' ? 'Error executing tool fail: ' : '';
      expect(refusal).toEqual({ by: 'result', text: `${start}It failed on purpose` });
    },
  },
  {
    name: 'unknown tool',
    async show(client, column) {
      const refusal = await refusalOf(client.call('no_such_tool'));
      expect(refusal).toMatchObject(unknownTool(column));
      expect(refusal.text).toContain('no_such_tool');
    },
  },
  {
    name: 'invalid arguments',
    async show(client) {
      const refusal = await refusalOf(client.call('add', { a: 'two', b: 3 }));
      expect(refusal.by).toBe('result');
      expect(refusal.text).toMatch(/number/);
    },
  },
  {
    name: 'progress',
    async show(client) {
      const door = 'progress';
      const steps: ProgressStep[] = [];
      const opened: Promise<unknown>[] = [];
      // Each step waits for us to have seen the one before: progress is live or it never ends.
      const onProgress = (step: ProgressStep): void => {
        steps.push(step);
        opened.push(client.call('open', { door: `${door} ${step.done}` }));
      };
      const { content } = await client.call('steps', { door }, { onProgress });
      await Promise.all(opened);
      expect(content).toEqual([{ type: 'text', text: 'done' }]);
      const expected = [1, 2, 3].map((done) => ({ done, of: 3, message: `Step ${done}` }));
      expect(steps).toEqual(expected);
    },
  },
  {
    name: 'log messages',
    async show(client) {
      client.logs.drain();
      await client.call('talk');
      const entry = { level: 'warning', logger: demo.loggerName, data: { half: 'way' } };
      expect(await client.logs.next()).toMatchObject(entry);
    },
  },
  {
    name: 'cancellation',
    async show(client) {
      const door = `stopped for ${testClient.name}`;
      const stopper = new AbortController();
      const running = client.call(
        'wait',
        { door },
        { signal: stopper.signal, onProgress: () => stopper.abort() },
      );
      await expect(running).rejects.toBeInstanceOf(Error);
      expect(await client.call('stopped', { door })).toMatchObject({
        content: [{ text: 'stopped' }],
      });
    },
  },
];

/** The Python SDK makes a block of each item. */
function listAsText({ server }: Column): readonly string[] {
  return server === 'python' ? ['2', '3', '5'] : ['[2,3,5]'];
}

/**
 * Legacy revisions know objects only: ours leaves a list to the text, the SDK v2 wraps it. The
 * Python SDK wraps it in both eras.
 */
function structuredList({ server, era }: Column): unknown {
  if (server === 'python') return { result: [2, 3, 5] };
  if (era === 'modern') return [2, 3, 5];
  return server === 'v2' ? { result: [2, 3, 5] } : undefined;
}

/** What the specification calls a protocol error; the SDKs v1 and Python make a tool result of it. */
function unknownTool({ server }: Column): Partial<Refusal> {
  return server === 'v1' || server === 'python' ? { by: 'result' } : { by: 'error', code: -32602 };
}
