import { expect } from 'vitest';
import { demo } from '../demo.js';
import { model, type ProgressStep } from '../clients/interop-client.js';
import { type Feature, refusalOf } from './feature.js';

export const questionFeatures: readonly Feature[] = [
  {
    name: 'form, accepted',
    async show(client) {
      client.answers.form = ({ message, requestedSchema }) => {
        expect(message).toBe('Who are you?');
        expect(requestedSchema).toMatchObject({
          type: 'object',
          properties: { name: { type: 'string' }, age: { type: 'integer', minimum: 0 } },
        });
        return { action: 'accept', content: { name: 'Ada', color: 'red' } };
      };
      const { content } = await client.call('ask_form');
      expect(content).toEqual([{ type: 'text', text: 'Ada likes red' }]);
    },
  },
  {
    name: 'form, declined',
    async show(client) {
      client.answers.form = () => ({ action: 'decline' });
      const refusal = await refusalOf(client.call('ask_form'));
      expect(refusal).toMatchObject({ by: 'result', text: expect.stringContaining('decline') });
    },
  },
  {
    name: 'URL to open',
    async show(client) {
      let shown: string | undefined;
      client.answers.url = ({ url }) => {
        shown = url;
        return { action: 'accept' };
      };
      const { content } = await client.call('ask_url');
      expect(content).toEqual([{ type: 'text', text: 'confirmed' }]);
      expect(shown).toBe(demo.confirmUrl);
    },
  },
  {
    name: 'sampling',
    async show(client) {
      client.answers.sample = ({ messages, maxTokens }) => {
        expect(maxTokens).toBe(10);
        expect(messages).toMatchObject([{ role: 'user' }]);
        return 'Hello yourself';
      };
      const { content } = await client.call('ask_model');
      const answer = JSON.stringify({ type: 'text', text: 'Hello yourself' });
      expect(content).toEqual([{ type: 'text', text: `${model}: ${answer}` }]);
    },
  },
  {
    name: 'roots',
    async show(client) {
      client.answers.roots = () => [{ uri: 'file:///a' }, { uri: 'file:///b', name: 'B' }];
      const { content } = await client.call('ask_roots');
      expect(content).toEqual([{ type: 'text', text: 'file:///a file:///b' }]);
    },
  },
  {
    name: 'two questions at once',
    async show(client, { era }) {
      client.answers.form = () => ({ action: 'accept', content: { name: 'Ada' } });
      client.answers.roots = () => [{ uri: 'file:///a' }, { uri: 'file:///b' }];
      const steps: number[] = [];
      const onProgress = ({ done }: ProgressStep): void => void steps.push(done);
      const { content } = await client.call('ask_both', {}, { onProgress });
      expect(content).toEqual([{ type: 'text', text: 'Ada has 2' }]);
      // A legacy client sees one call, whatever number of rounds the server makes of it.
      expect(era === 'legacy' ? steps : [...new Set(steps)]).toEqual([1]);
    },
  },
  {
    name: 'question before a prompt',
    async show(client) {
      client.answers.form = () => ({ action: 'accept', content: { name: 'Grace' } });
      expect(await client.prompt('ask_prompt', {})).toEqual([
        { role: 'user', content: { type: 'text', text: 'Hello Grace' } },
      ]);
    },
  },
];
