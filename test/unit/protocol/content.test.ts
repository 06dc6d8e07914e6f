import { describe, expect, test } from 'vitest';
import { encodeByTable, fromBase64, toBase64 } from '../../../src/protocol/base64.js';
import {
  audio,
  embedded,
  image,
  isContentBlock,
  resourceLink,
  text,
} from '../../../src/protocol/content.js';
import { fc } from '../properties.js';

const bytes = new Uint8Array([0, 255, 1]);

describe('content blocks', () => {
  test('are made from text, bytes and base64', () => {
    expect(text('hi')).toEqual({ type: 'text', text: 'hi' });
    expect(image(bytes, 'image/png')).toEqual({
      type: 'image',
      data: 'AP8B',
      mimeType: 'image/png',
    });
    expect(audio('AP8B', 'audio/wav', { annotations: { priority: 1 } })).toEqual({
      type: 'audio',
      data: 'AP8B',
      mimeType: 'audio/wav',
      annotations: { priority: 1 },
    });
    expect(resourceLink({ uri: 'a:b', name: 'b' })).toEqual({
      type: 'resource_link',
      uri: 'a:b',
      name: 'b',
    });
    expect(embedded({ uri: 'a:b', bytes })).toEqual({
      type: 'resource',
      resource: { uri: 'a:b', blob: 'AP8B' },
    });
    expect(embedded({ uri: 'a:b', text: 'hi' }).resource).toEqual({ uri: 'a:b', text: 'hi' });
  });

  test('are told from anything else', () => {
    const blocks = [
      text('hi'),
      image(bytes, 'image/png'),
      audio(bytes, 'audio/wav'),
      resourceLink({ uri: 'a:b', name: 'b' }),
      embedded({ uri: 'a:b', bytes }),
    ];
    expect(blocks.every(isContentBlock)).toBe(true);
    const others = [
      null,
      'hi',
      [],
      [text('hi')],
      {},
      { type: 'text' },
      { type: 'text', text: 7 },
      { type: 'tool_use', id: '1', name: 'n', input: {} },
      { type: 'resource', resource: { uri: 'a:b' } },
      { type: ['text'], text: 'hi' },
    ];
    expect(others.filter(isContentBlock)).toEqual([]);
  });
});

describe('base64', () => {
  test('is what others make of any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (some) => {
        const expected = Buffer.from(some).toString('base64');
        expect(encodeByTable(some)).toBe(expected);
        expect(toBase64(some)).toBe(expected);
        expect(fromBase64(expected)).toEqual(some);
      }),
    );
  });

  test("uses the runtime's own encoder where there is one", () => {
    const native = Object.assign(new Uint8Array(1), { toBase64: () => 'native' });
    expect(toBase64(native)).toBe('native');
  });

  test.each([
    'A',
    'AA',
    'AAA',
    'A===',
    '====',
    'AA=A',
    'A\nAA',
    'AA==AAAA',
    'AB==',
    'AAB=',
    'AAé=',
    '-_-_',
  ])('does not decode %j', (malformed) => {
    expect(fromBase64(malformed)).toBeUndefined();
  });
});
