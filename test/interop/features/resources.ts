import { expect } from 'vitest';
import { demo, everyContent, type ListName } from '../demo.js';
import type { Column } from '../columns.js';
import { type Feature, refusalOf } from './feature.js';

export const resourceFeatures: readonly Feature[] = [
  {
    name: 'list of resources',
    async show(client) {
      const resources = await client.list('resources');
      expect(resources).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ uri: demo.noteUri, name: 'note', mimeType: 'text/plain' }),
          expect.objectContaining({ uri: demo.bytesUri, name: 'bytes' }),
        ]),
      );
    },
  },
  {
    name: 'resource templates',
    async show(client) {
      expect(await client.list('templates')).toMatchObject([
        { uriTemplate: demo.itemTemplate, name: 'item' },
      ]);
      expect(await client.read('demo://item/42')).toMatchObject([
        { uri: 'demo://item/42', text: 'Item 42' },
      ]);
    },
  },
  {
    name: 'text and bytes',
    async show(client) {
      expect(await client.read(demo.noteUri)).toEqual([
        { uri: demo.noteUri, mimeType: 'text/plain', text: demo.note },
      ]);
      expect(await client.read(demo.bytesUri)).toEqual([
        { uri: demo.bytesUri, mimeType: 'application/octet-stream', blob: demo.bytes },
      ]);
    },
  },
  {
    name: 'missing resource',
    async show(client, column) {
      const refusal = await refusalOf(client.read('demo://nowhere'));
      expect(refusal).toMatchObject({ by: 'error', code: missingResource(column) });
    },
  },
  {
    name: 'resource updated',
    async show(client) {
      const watching = await client.watch({ uris: [demo.noteUri] });
      await client.call('touch', { uri: demo.noteUri });
      expect(await watching.changes.next()).toBe(demo.noteUri);
      await watching.stop();
      await client.call('touch', { uri: demo.noteUri });
      expect(watching.changes.drain()).toEqual([]);
      // On another stream a change nobody watches any more would come later, but before this one.
      const again = await client.watch({ uris: [demo.bytesUri] });
      await client.call('touch', { uri: demo.bytesUri });
      expect(await again.changes.next()).toBe(demo.bytesUri);
      await again.stop();
    },
  },
  {
    name: 'prompts',
    async show(client) {
      expect(await client.list('prompts')).toEqual(
        expect.arrayContaining([
          expect.objectContaining({
            name: 'greet',
            description: 'Greets somebody.',
            arguments: [
              { name: 'name', description: 'Who', required: true },
              { name: 'mood', required: false },
            ],
          }),
        ]),
      );
      expect(await client.prompt('greet', { name: 'Ada' })).toEqual([
        { role: 'user', content: { type: 'text', text: 'Hello Ada' } },
        { role: 'assistant', content: everyContent[1] },
      ]);
    },
  },
  {
    name: 'prompt without its argument',
    async show(client, column) {
      const refusal = await refusalOf(client.prompt('greet', {}));
      expect(refusal).toMatchObject({ by: 'error', code: missingArgument(column) });
    },
  },
  {
    name: 'completion',
    async show(client) {
      const ref = { type: 'ref/prompt', name: 'greet' } as const;
      const names = await client.complete({ ref, argument: { name: 'name', value: 'Ad' } });
      expect(names).toEqual(['Ada', 'Adele']);
      const moods = await client.complete({
        ref,
        argument: { name: 'mood', value: 'ha' },
        context: { arguments: { name: 'Ada' } },
      });
      expect(moods).toEqual(['happy Ada']);
      const ids = await client.complete({
        ref: { type: 'ref/resource', uri: demo.itemTemplate },
        argument: { name: 'id', value: 'alpha' },
      });
      expect(ids).toEqual(['alpha', 'alphabet']);
    },
  },
  listChanged('tools'),
  listChanged('prompts'),
  listChanged('resources'),
];

function listChanged(list: ListName): Feature {
  return {
    name: `list of ${list} changed`,
    async show(client) {
      const watching = await client.watch({ lists: [list] });
      const { content } = await client.call('grow', { list });
      expect(await watching.changes.next()).toBe(list);
      const { text: name } = content[0] as { text: string };
      const names = (await client.list(list)).map((item) => item.name);
      expect(names).toContain(name);
      await watching.stop();
    },
  };
}

/**
 * Ours says in the legacy era what its revisions say. The SDKs' servers say the newer code in both
 * eras, and the client of v2 reads the older one as the newer.
 */
function missingResource({ client, server, era }: Column): number {
  return server === 'ours' && client !== 'v2' && era === 'legacy' ? -32002 : -32602;
}

/** The Python SDK takes it for a crash of the prompt, and has no code for that in the legacy era. */
function missingArgument({ server, era }: Column): number {
  if (server !== 'python') return -32602;
  return era === 'legacy' ? 0 : -32603;
}
