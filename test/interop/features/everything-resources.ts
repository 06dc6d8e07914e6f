import { gunzipSync } from 'node:zlib';
import { expect } from 'vitest';
import type { EverythingFeature } from './everything-tools.js';
import { refusalOf } from './feature.js';

export const everythingResourceFeatures: readonly EverythingFeature[] = [
  {
    name: 'list of resources',
    async show(client) {
      const resources = await client.list('resources');
      const features = resources.find(({ name }) => name === 'features.md');
      expect(features).toMatchObject({ mimeType: 'text/markdown' });
      const [contents] = await client.read(String(features?.['uri']));
      expect(contents?.text).toContain('# Everything Server');
    },
  },
  {
    name: 'resource templates',
    async show(client) {
      const templates = await client.list('templates');
      expect(templates.map(({ uriTemplate }) => uriTemplate)).toEqual([
        'demo://resource/dynamic/text/{resourceId}',
        'demo://resource/dynamic/blob/{resourceId}',
      ]);
    },
  },
  {
    name: 'text and bytes',
    async show(client) {
      const [text] = await client.read('demo://resource/dynamic/text/1');
      expect(text).toMatchObject({
        mimeType: 'text/plain',
        text: expect.stringMatching(/^Resource 1:/),
      });
      const [blob] = await client.read('demo://resource/dynamic/blob/2');
      expect(Buffer.from(blob?.blob ?? '', 'base64').toString()).toMatch(/^Resource 2:/);
    },
  },
  {
    name: 'missing resource',
    async show(client) {
      const refusal = await refusalOf(client.read('demo://nowhere'));
      expect(refusal).toMatchObject({ by: 'error', code: -32602 });
    },
  },
  {
    name: 'resource updated',
    async show(client) {
      const uri = 'demo://resource/dynamic/text/3';
      const watching = await client.watch({ uris: [uri] });
      await client.call('toggle-subscriber-updates');
      expect(await watching.changes.next()).toBe(uri);
      await client.call('toggle-subscriber-updates');
      await watching.stop();
    },
  },
  {
    name: 'list of resources changed',
    async show(client) {
      const watching = await client.watch({ lists: ['resources'] });
      const wish = { name: 'hello.gz', data: 'data:text/plain,Hello', outputType: 'resourceLink' };
      const { content } = await client.call('gzip-file-as-resource', wish);
      expect(await watching.changes.next()).toBe('resources');
      const { uri } = content[0] as { uri: string };
      expect((await client.list('resources')).map((item) => item['uri'])).toContain(uri);
      const [packed] = await client.read(uri);
      expect(gunzipSync(Buffer.from(packed?.blob ?? '', 'base64')).toString()).toBe('Hello');
      await watching.stop();
    },
  },
  {
    name: 'prompts',
    async show(client) {
      const names = (await client.list('prompts')).map(({ name }) => name);
      expect(names).toEqual([
        'simple-prompt',
        'args-prompt',
        'completable-prompt',
        'resource-prompt',
      ]);
      expect(await client.prompt('args-prompt', { city: 'Bern' })).toEqual([
        { role: 'user', content: { type: 'text', text: "What's weather in Bern?" } },
      ]);
      const embedded = await client.prompt('resource-prompt', {
        resourceType: 'Text',
        resourceId: '5',
      });
      expect(embedded[1]).toMatchObject({ content: { type: 'resource' } });
    },
  },
  {
    name: 'prompt without its argument',
    async show(client) {
      const refusal = await refusalOf(client.prompt('args-prompt', {}));
      expect(refusal).toMatchObject({ by: 'error', code: -32602 });
    },
  },
  {
    name: 'completion',
    async show(client) {
      const ref = { type: 'ref/prompt', name: 'completable-prompt' } as const;
      const argument = { name: 'department', value: 'S' };
      expect(await client.complete({ ref, argument })).toEqual(['Sales', 'Support']);
      const names = await client.complete({
        ref,
        argument: { name: 'name', value: '' },
        context: { arguments: { department: 'Sales' } },
      });
      expect(names).toEqual(['David', 'Eve', 'Frank']);
    },
  },
];
