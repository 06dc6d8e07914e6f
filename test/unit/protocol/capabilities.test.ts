import { describe, expect, test } from 'vitest';
import {
  missingCapabilities,
  missingCapability,
  neededByAll,
  neededCapabilities,
  satisfies,
} from '../../../src/protocol/capabilities.js';
import type { ClientCapabilities } from '../../../src/protocol/modern.types.js';

const form = { method: 'elicitation/create', params: { message: 'm' } };
const url = { method: 'elicitation/create', params: { mode: 'url' } };
const sample = { method: 'sampling/createMessage', params: {} };

describe('what a question needs', () => {
  test.each([
    [form, { elicitation: { form: {} } }],
    [url, { elicitation: { url: {} } }],
    [sample, { sampling: {} }],
    [{ ...sample, params: { tools: [] } }, { sampling: { tools: {} } }],
    [{ ...sample, params: { toolChoice: {} } }, { sampling: { tools: {} } }],
    [{ ...sample, params: { includeContext: 'none' } }, { sampling: {} }],
    [{ ...sample, params: { includeContext: 'allServers' } }, { sampling: { context: {} } }],
    [{ method: 'roots/list' }, { roots: {} }],
    [{ method: '__proto__' }, {}],
  ])('%j', (question, needed) => {
    expect(neededCapabilities(question)).toEqual(needed);
  });

  test('a round of questions needs what all of them need', () => {
    const schema = { type: 'object', properties: {} } as const;
    const needed = neededByAll({
      a: { method: 'elicitation/create', params: { message: 'm', requestedSchema: schema } },
      b: { method: 'elicitation/create', params: { mode: 'url', message: 'm', url: 'https://a' } },
      c: { method: 'roots/list' },
    });
    expect(needed).toEqual({ elicitation: { form: {}, url: {} }, roots: {} });
  });
});

describe('what a client lacks', () => {
  const cases: readonly [ClientCapabilities, ClientCapabilities, ClientCapabilities | undefined][] =
    [
      [{ elicitation: {} }, { elicitation: { form: {} } }, undefined],
      [{ elicitation: {} }, { elicitation: {} }, undefined],
      [{ elicitation: {} }, { elicitation: { url: {} } }, { elicitation: { url: {} } }],
      [{ elicitation: { url: {} } }, { elicitation: {} }, { elicitation: { form: {} } }],
      [{}, { elicitation: { form: {} } }, { elicitation: { form: {} } }],
      [{ elicitation: { form: {}, url: {} } }, { elicitation: { form: {}, url: {} } }, undefined],
      [{}, { sampling: {} }, { sampling: {} }],
      [{ sampling: {} }, { sampling: {} }, undefined],
      [{ sampling: {} }, { sampling: { tools: {} } }, { sampling: { tools: {} } }],
      [{ sampling: { tools: {} } }, { sampling: { tools: {} } }, undefined],
      [{}, { roots: {} }, { roots: {} }],
      [{ roots: { listChanged: true } }, { roots: {} }, undefined],
      [{}, { extensions: { 'a/b': {} } }, { extensions: { 'a/b': {} } }],
      [{ extensions: { 'a/b': { x: 1 } } }, { extensions: { 'a/b': {} } }, undefined],
      [{}, {}, undefined],
    ];

  test.each(cases)('declared %j, needed %j', (declared, needed, missing) => {
    expect(missingCapabilities(declared, needed)).toEqual(missing);
    expect(satisfies(declared, needed)).toBe(missing === undefined);
  });

  test('only what the client itself declared counts', () => {
    const inherited = Object.create({ roots: {}, sampling: {} }) as ClientCapabilities;
    expect(satisfies(inherited, { roots: {} })).toBe(false);
    expect(satisfies(inherited, { sampling: {} })).toBe(false);
    const odd = { elicitation: [], roots: null } as unknown as ClientCapabilities;
    expect(satisfies(odd, { elicitation: {} })).toBe(false);
    expect(satisfies(odd, { roots: {} })).toBe(false);
    expect(satisfies({ extensions: {} }, { extensions: { constructor: {} } })).toBe(false);
  });

  test('a question is compared directly', () => {
    expect(missingCapability({ elicitation: {} }, form)).toBeUndefined();
    expect(missingCapability({ elicitation: {} }, url)).toEqual({ elicitation: { url: {} } });
  });
});
