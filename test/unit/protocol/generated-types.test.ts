import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const repository = join(import.meta.dirname, '../../..');
const schema = join(repository, '../shared/schema');

test.skipIf(!existsSync(schema))('the committed types are what the schemas give', () => {
  const out = mkdtempSync(join(tmpdir(), 'types-'));
  try {
    const script = join(repository, 'scripts/generate-types.ts');
    const options = ['--import', 'tsx', script, '--schema', schema, '--out', out];
    execFileSync(process.execPath, options, { cwd: repository });
    for (const file of ['modern.types.ts', 'legacy.types.ts']) {
      const committed = readFileSync(join(repository, 'src/protocol', file), 'utf8');
      expect(readFileSync(join(out, file), 'utf8')).toBe(committed);
    }
  } finally {
    rmSync(out, { recursive: true });
  }
});
