import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { approvalsOf } from '../../../src/cli/config-approvals.js';
import { defaultLimits } from '../../../src/limits.js';
import { folder } from './config-files.js';

test('as many approvals as are allowed are kept, the newest', async () => {
  const state = join(folder, 'full');
  mkdirSync(join(state, 'sallyport'), { recursive: true, mode: 0o700 });
  const names = Array.from({ length: defaultLimits.approvalsMax }, (_, at) => `s${at}`);
  const approved = Object.fromEntries(names.map((name) => [name, { part: 'another' }]));
  const file = join(state, 'sallyport', 'approvals.json');
  writeFileSync(file, JSON.stringify({ version: 1, approved }), { mode: 0o600 });
  const approvals = approvalsOf({ XDG_STATE_HOME: state });
  const parts = { part: 'value' };
  expect(await approvals.changed('s0', parts)).toEqual(['part']);
  await approvals.remember('new', parts);
  expect(await approvals.changed('new', parts)).toEqual([]);
  expect(await approvals.changed('s0', parts)).toBeUndefined();
  expect(await approvals.changed('s1', parts)).toEqual(['part']);
});
