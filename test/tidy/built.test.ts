/** What `npm run build` has made: it is there when all tests run, and in `npm run check`. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const dist = fileURLToPath(new URL('../../dist/', import.meta.url));

test('it is ASCII: one character beyond has V8 keep two bytes for each', () => {
  const files = readdirSync(dist, { recursive: true, encoding: 'utf8' });
  const wide = files
    .filter((file) => file.endsWith('.js'))
    .filter((file) => readFileSync(dist + file).some((byte) => byte > 0x7f));
  expect(files).toContain('index.js');
  expect(wide).toEqual([]);
});

test('who imports the server does not load what TLS needs', () => {
  const program = `
    await import(${JSON.stringify(`${dist}server/index.js`)});
    await import(${JSON.stringify(`${dist}transports/http/index.js`)});
    console.log(process.moduleLoadList.join());`;
  const args = ['--input-type=module', '--eval', program];
  const { stdout } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(stdout).toContain('NativeModule http,');
  expect(stdout).not.toContain('NativeModule tls,');
});
