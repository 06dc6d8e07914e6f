import { expect } from 'vitest';
import { model } from '../clients/interop-client.js';
import type { EverythingFeature } from './everything-tools.js';
import { refusalOf } from './feature.js';

/** The server asks for them once, soon after a client has come. */
export const rootsOfTheTest = [{ uri: 'file:///a', name: 'A' }, { uri: 'file:///b' }];

export const everythingQuestionFeatures: readonly EverythingFeature[] = [
  {
    name: 'form, accepted',
    async show(client) {
      client.answers.form = ({ requestedSchema }) => {
        expect(requestedSchema).toMatchObject({ properties: everyField, required: ['name'] });
        const chosen = { untitledMultipleSelectEnum: ['Drums'], titledSingleSelectEnum: 'hero-2' };
        return { action: 'accept', content: { name: 'Ada', check: true, integer: 7, ...chosen } };
      };
      const { content } = await client.call('trigger-elicitation-request');
      expect(content[1]).toMatchObject({ text: expect.stringContaining('- Name: Ada') });
      const raw = content[2] as { text: string };
      expect(JSON.parse(raw.text.replace('\nRaw result: ', ''))).toMatchObject({
        action: 'accept',
        content: { integer: 7, untitledMultipleSelectEnum: ['Drums'] },
      });
    },
  },
  {
    name: 'form, declined',
    async show(client) {
      client.answers.form = () => ({ action: 'decline' });
      const { content } = await client.call('trigger-elicitation-request');
      expect(content[0]).toMatchObject({ text: expect.stringContaining('declined') });
    },
  },
  {
    name: 'URL to open',
    async show(client) {
      const shown: string[] = [];
      client.answers.url = ({ url }) => {
        shown.push(url);
        return { action: 'accept' };
      };
      const wish = { url: 'https://example.com/confirm', message: 'Please' };
      const { content } = await client.call('trigger-url-elicitation', wish);
      expect(content[0]).toMatchObject({ text: expect.stringContaining('completed') });
      expect(shown).toEqual(['https://example.com/confirm']);
    },
  },
  {
    name: 'URL to open first',
    async show(client) {
      const wish = { url: 'https://example.com/a', message: 'Please', errorPath: true };
      const refusal = await refusalOf(client.call('trigger-url-elicitation', wish));
      expect(refusal).toMatchObject({ by: 'error', code: -32042 });
    },
  },
  {
    name: 'sampling',
    async show(client) {
      client.answers.sample = ({ messages, maxTokens }) => {
        expect(maxTokens).toBe(11);
        expect(JSON.stringify(messages)).toContain('Say hello');
        return 'Hello yourself';
      };
      const wish = { prompt: 'Say hello', maxTokens: 11 };
      const { content } = await client.call('trigger-sampling-request', wish);
      const answer = content[0] as { text: string };
      expect(JSON.parse(answer.text.replace('LLM sampling result: \n', ''))).toMatchObject({
        model,
        content: { type: 'text', text: 'Hello yourself' },
      });
    },
  },
  {
    name: 'roots',
    async show(client) {
      const { content } = await client.call('get-roots-list');
      const { text } = content[0] as { text: string };
      expect(text).toContain('1. A\n   URI: file:///a');
      expect(text).toContain('2. Unnamed Root\n   URI: file:///b');
    },
  },
  {
    name: 'task that asks, to its end',
    async show(client) {
      const seen: string[] = [];
      client.answers.form = ({ message }) => {
        expect(message).toContain('could have multiple interpretations');
        return { action: 'accept', content: { interpretation: 'snake' } };
      };
      const wish = { topic: 'python', ambiguous: true };
      const onTask = ({ status }: { status: string }): void => void seen.push(status);
      const { content } = await client.call('simulate-research-query', wish, { onTask });
      expect(content[0]).toMatchObject({ text: expect.stringContaining('python (snake)') });
      expect([seen[0], seen.at(-1)]).toEqual(['working', 'completed']);
    },
  },
  {
    name: 'task of a client',
    show: 'Our client does not make tasks of what it is asked: 2026-07-28 has no such thing.',
  },
];

/** A field of every kind that a form can have. */
const everyField = {
  check: { type: 'boolean' },
  email: { type: 'string', format: 'email' },
  birthdate: { type: 'string', format: 'date' },
  integer: { type: 'integer', minimum: 1, maximum: 100, default: 42 },
  number: { type: 'number', default: 3.14 },
  untitledSingleSelectEnum: { type: 'string', default: 'Monica' },
  untitledMultipleSelectEnum: { type: 'array', minItems: 1, maxItems: 3, default: ['Guitar'] },
  titledSingleSelectEnum: { oneOf: expect.any(Array) as unknown },
  titledMultipleSelectEnum: { items: { anyOf: expect.any(Array) as unknown } },
  legacyTitledEnum: { enumNames: ['Cats', 'Dogs', 'Birds', 'Fish', 'Reptiles'] },
};
