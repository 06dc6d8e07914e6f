/** Counts in a token store until it is killed, and says a dot each time: token-writer.ts FOLDER. */
import { writeSync } from 'node:fs';
import { fileTokens } from '../../../src/auth/index.js';

const store = fileTokens(process.argv[2] ?? '');
const filler = 'x'.repeat(20_000);
for (;;) {
  await store.update('n', (now) => Promise.resolve({ n: Number(now?.['n'] ?? 0) + 1, filler }));
  writeSync(1, '.');
}
