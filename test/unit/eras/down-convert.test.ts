import { describe, expect, test } from 'vitest';
import { downConvert } from '../../../src/eras/legacy/down-convert.js';
import { legacyRevisions } from '../../../src/protocol/revisions.js';
import { cites } from '../../requirements.js';

const [newest, june, march, first] = legacyRevisions;

test('what only the stateless era says is left out', () => {
  const meta = { 'io.modelcontextprotocol/serverInfo': { name: 's' }, own: 1 };
  const result = {
    resultType: 'complete',
    ttlMs: 5,
    cacheScope: 'public',
    completion: {},
    _meta: meta,
  };
  for (const revision of legacyRevisions) {
    expect(downConvert('completion/complete', result, revision)).toEqual({
      completion: {},
      _meta: { own: 1 },
    });
  }
  const { own: _, ...bare } = meta;
  expect(downConvert('ping', { _meta: bare }, newest!)).toEqual({});
});

describe('a tool in a list', () => {
  const tool = {
    name: 't',
    title: 'T',
    description: 'd',
    icons: [{ src: 'data:,' }],
    inputSchema: { type: 'object' },
    outputSchema: { type: 'object' },
    annotations: { readOnlyHint: true },
  };
  const { icons: _icons, ...withoutIcons } = tool;
  const { title: _title, outputSchema: _output, ...old } = withoutIcons;
  const { annotations: _annotations, ...oldest } = old;

  test.each([
    [newest, tool],
    [june, withoutIcons],
    [march, old],
    [first, oldest],
  ])('for %s', (revision, expected) => {
    const list = downConvert('tools/list', { tools: [tool], nextCursor: 'c' }, revision!);
    expect(list).toEqual({ tools: [expected], nextCursor: 'c' });
  });

  test('an output that is no object is not described', () => {
    const strange = { ...tool, outputSchema: { type: 'string' } };
    const { tools } = downConvert('tools/list', { tools: [strange] }, newest!);
    expect(tools).toEqual([expect.not.objectContaining({ outputSchema: expect.anything() })]);
  });
});

describe('the result of a tool', () => {
  const content = [
    { type: 'text', text: 'a' },
    { type: 'resource_link', uri: 'test://a', name: 'A' },
    { type: 'audio', data: '', mimeType: 'audio/wav' },
  ];
  const link = { type: 'text', text: 'A: test://a' };
  const audio = { type: 'text', text: '[audio, audio/wav]' };

  test.each([
    [newest, content],
    [june, content],
    [march, [content[0], link, content[2]]],
    [first, [content[0], link, audio]],
  ])('has content that %s can read', (revision, expected) => {
    expect(downConvert('tools/call', { content }, revision!)).toEqual({ content: expected });
    const messages = content.map((block) => ({ role: 'user', content: block }));
    expect(downConvert('prompts/get', { messages }, revision!)).toEqual({
      messages: expected.map((block) => ({ role: 'user', content: block })),
    });
  });

  cites('tools/structured-object');
  test('is structured where the revision knows it, and an object', () => {
    const structured = { content: [], structuredContent: { a: 1 }, isError: false };
    const { structuredContent: _, ...plain } = structured;
    expect(downConvert('tools/call', structured, june!)).toEqual(structured);
    const said = (value: unknown) => ({ type: 'text', text: JSON.stringify(value) });
    const inText = { ...plain, content: [said({ a: 1 })] };
    expect(downConvert('tools/call', structured, march!)).toEqual(inText);
    const list = { ...structured, structuredContent: [1] };
    expect(downConvert('tools/call', list, newest!)).toEqual({ ...plain, content: [said([1])] });
    // What the text says already is not said twice.
    expect(downConvert('tools/call', { ...list, content: [said([1])] }, newest!)).toEqual({
      ...plain,
      content: [said([1])],
    });
  });
});

test('a list that is kept is converted once for each revision', () => {
  const kept = Object.freeze({ tools: [] });
  const once = downConvert('tools/list', kept, june!);
  expect(downConvert('tools/list', kept, june!)).toBe(once);
  expect(downConvert('tools/list', kept, march!)).not.toBe(once);
  expect(Object.isFrozen(once)).toBe(true);
});
