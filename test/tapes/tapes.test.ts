import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { playTape, recordTape } from './play.js';
import { formatTape, parseTape } from './tape.js';

// UPDATE_TAPES=1 writes the server's lines anew; look at the difference before you keep it.
const isUpdate = process.env['UPDATE_TAPES'] === '1';

const folder = new URL('./', import.meta.url);
const tapes = ['modern', 'legacy'].flatMap((era) =>
  readdirSync(new URL(era, folder))
    .filter((name) => name.endsWith('.tape'))
    .map((name) => `${era}/${name}`),
);

describe.each(tapes)('%s', (name) => {
  const file = new URL(name, folder);
  const text = readFileSync(file, 'utf8');
  const tape = parseTape(text);
  const transports = tape.over === 'http' ? (['http', 'web'] as const) : (['stdio'] as const);

  test.each(transports)('is what the server says over %s', async (transport) => {
    if (isUpdate) {
      const how = tape.over === 'http' ? 'web' : 'stdio';
      writeFileSync(file, formatTape(await recordTape(tape, how)));
      return;
    }
    expect(formatTape(await playTape(tape, transport))).toBe(text);
  });
});

test('a tape that says something else is noticed', async () => {
  const text = readFileSync(new URL('modern/handshake.tape', folder), 'utf8');
  const forged = text.replace('"2026-07-28"', '"2099-01-01"');
  expect(formatTape(await playTape(parseTape(forged), 'stdio'))).toBe(text);
  const shortened = text.split('\n').slice(0, -2).join('\n');
  expect(formatTape(await playTape(parseTape(shortened), 'stdio'))).toBe(text);
});
