import { expect, test } from 'vitest';
import { createSseDecoder } from '../../../../src/transports/http/sse-decode.js';
import { encodeSseComment, encodeSseEvent } from '../../../../src/transports/http/sse-encode.js';
import { cites } from '../../../requirements.js';
import { fc } from '../../properties.js';

test('events are written field by field', () => {
  expect(encodeSseEvent({ data: '{"a":1}' })).toBe('data: {"a":1}\n\n');
  expect(encodeSseEvent({ data: '', id: 'x:1', event: 'message', retry: 1000 })).toBe(
    'event: message\nid: x:1\nretry: 1000\ndata: \n\n',
  );
  expect(encodeSseEvent({ data: 'a\nb\r\nc\rd' })).toBe('data: a\ndata: b\ndata: c\ndata: d\n\n');
  expect(encodeSseComment('keep-alive')).toBe(': keep-alive\n\n');
});

cites('guards/header-injection');
test.each(['\n', '\r', '\0', 'a\r\nb'])('%j is written into no field', (text) => {
  for (const write of [
    () => encodeSseEvent({ data: '', id: text }),
    () => encodeSseEvent({ data: '', event: text }),
    () => encodeSseComment(text),
  ]) {
    expect(write).toThrow(expect.objectContaining({ kind: 'internal' }) as Error);
  }
});

test.each([-1, 1.5, NaN, Infinity])('%d is no retry', (retry) => {
  expect(() => encodeSseEvent({ data: '', retry })).toThrow('whole number');
});

test('any JSON text and any id that is one line read back', () => {
  const oneLine = fc.string().filter((text) => !/[\r\n\0]/.test(text));
  fc.assert(
    fc.property(fc.json(), oneLine, oneLine, (data, id, event) => {
      const seen: unknown[] = [];
      const decoder = createSseDecoder({
        eventBytesMax: 1e6,
        onEvent: (e) => seen.push([e.data, e.id, e.event]),
      });
      decoder.feed(new TextEncoder().encode(encodeSseEvent({ data, id, event })));
      expect(seen).toEqual([[data, id, event === '' ? 'message' : event]]);
    }),
  );
});
