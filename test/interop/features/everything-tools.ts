import { expect } from 'vitest';
import type { InteropClient, ProgressStep } from '../clients/interop-client.js';
import { refusalOf } from './feature.js';

/** One line of the table of `@modelcontextprotocol/server-everything`. */
export interface EverythingFeature {
  readonly name: string;
  /** Shows it; or, where the server has no such thing, why not. */
  readonly show: ((client: InteropClient) => Promise<void>) | string;
}

export const everythingToolFeatures: readonly EverythingFeature[] = [
  {
    name: 'handshake',
    async show(client) {
      expect(client.protocolVersion).toBe('2025-11-25');
      expect(client.server).toMatchObject({ name: 'mcp-servers/everything', version: '2.0.0' });
      expect(client.instructions).toContain('Everything');
      expect(client.capabilities).toMatchObject({
        tools: { listChanged: true },
        prompts: { listChanged: true },
        resources: { listChanged: true, subscribe: true },
        logging: {},
        completions: {},
      });
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
      // Those that ask are offered only to a client that says it can answer.
      const names = tools.map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(asking));
      expect(tools.find(({ name }) => name === 'get-sum')).toMatchObject({
        title: 'Get Sum Tool',
        inputSchema: { type: 'object', required: ['a', 'b'] },
        annotations: { readOnlyHint: true, openWorldHint: false },
      });
    },
  },
  {
    name: 'text',
    async show(client) {
      const { content } = await client.call('get-sum', { a: 2, b: 3 });
      expect(content).toEqual([said('The sum of 2 and 3 is 5.')]);
    },
  },
  {
    name: 'structured output',
    async show(client) {
      const answer = await client.call('get-structured-content', { location: 'Chicago' });
      expect(answer.structuredContent).toMatchObject({ temperature: 36, humidity: 82 });
      expect(answer.content).toEqual([said(JSON.stringify(answer.structuredContent))]);
    },
  },
  {
    name: 'image',
    async show(client) {
      const { content } = await client.call('get-tiny-image');
      expect(content[1]).toEqual({ type: 'image', mimeType: 'image/png', data: png });
    },
  },
  { name: 'audio', show: 'Its tools have no audio.' },
  {
    name: 'annotations of content',
    async show(client) {
      const wish = { messageType: 'error', includeImage: true };
      const { content } = await client.call('get-annotated-message', wish);
      expect(content).toMatchObject([
        { type: 'text', annotations: { priority: 1, audience: ['user', 'assistant'] } },
        { type: 'image', annotations: { priority: 0.5, audience: ['user'] } },
      ]);
    },
  },
  {
    name: 'links to resources',
    async show(client) {
      const { content } = await client.call('get-resource-links', { count: 2 });
      expect(content.slice(1)).toMatchObject([
        { type: 'resource_link', uri: 'demo://resource/dynamic/blob/1' },
        { type: 'resource_link', uri: 'demo://resource/dynamic/text/2' },
      ]);
    },
  },
  {
    name: 'embedded resource',
    async show(client) {
      const wish = { resourceType: 'Text', resourceId: 7 };
      const { content } = await client.call('get-resource-reference', wish);
      expect(content[1]).toMatchObject({
        type: 'resource',
        resource: { uri: 'demo://resource/dynamic/text/7', mimeType: 'text/plain' },
      });
    },
  },
  {
    name: 'unknown tool',
    async show(client) {
      const refusal = await refusalOf(client.call('no_such_tool'));
      expect(refusal).toMatchObject({ by: 'result', text: /no_such_tool/ });
    },
  },
  {
    name: 'invalid arguments',
    async show(client) {
      const refusal = await refusalOf(client.call('get-sum', { a: 'two', b: 3 }));
      expect(refusal).toMatchObject({ by: 'result', text: /number/ });
    },
  },
  {
    name: 'progress',
    async show(client) {
      const steps: ProgressStep[] = [];
      const onProgress = (step: ProgressStep): void => void steps.push(step);
      const wish = { duration: 0.03, steps: 3 };
      await client.call('trigger-long-running-operation', wish, { onProgress });
      expect(steps).toEqual([1, 2, 3].map((done) => ({ done, of: 3 })));
    },
  },
  {
    name: 'cancellation',
    async show(client) {
      // The tool works on, and the call is over all the same.
      const stopper = new AbortController();
      const running = client.call(
        'trigger-long-running-operation',
        { duration: 0.2, steps: 10 },
        { signal: stopper.signal, onProgress: () => stopper.abort() },
      );
      await expect(running).rejects.toMatchObject({ kind: 'cancelled' });
      expect(await client.ping()).toBeUndefined();
    },
  },
  {
    name: 'log messages',
    async show(client) {
      const watching = await client.watch({ uris: [textUri] });
      // It says more than this, and when it likes.
      let entry = await client.logs.next();
      while (!String(entry.data).startsWith(received)) entry = await client.logs.next();
      expect(entry).toMatchObject({ level: 'info', data: expect.stringContaining(textUri) });
      await watching.stop();
    },
  },
  { name: 'modern era', show: 'It is built on the SDK v1, which knows legacy revisions only.' },
];

const asking = [
  'get-roots-list',
  'trigger-elicitation-request',
  'trigger-url-elicitation',
  'trigger-sampling-request',
];
const received = 'Received Subscribe Resource request';
const textUri = 'demo://resource/dynamic/text/1';
const png: unknown = expect.stringMatching(/^iVBORw0KGgo/);

function said(text: string): object {
  return { type: 'text', text };
}
