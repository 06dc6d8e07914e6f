import { expect, test } from 'vitest';
import { doubting, withoutSessions } from '../../../src/connect/restarted.js';
import { type ErrorKind, McpError } from '../../../src/errors.js';
import { io, kindOf } from './children.js';

/** How often what is known is forgotten when `method` fails so. */
async function forgets(method: string, kind: ErrorKind): Promise<number> {
  let forgotten = 0;
  const memory = { known: undefined, keep: () => undefined, forget: () => void forgotten++ };
  const fail = () => Promise.reject(new McpError(kind, 'No', { fromPeer: true }));
  const asked = doubting(memory)(fail)({ id: 1, method }, io());
  await expect(asked).rejects.toMatchObject({ kind, message: 'No' });
  return forgotten;
}

test('an era that proves wrong is forgotten, and nothing else', async () => {
  expect(await forgets('tools/call', 'unsupportedVersion')).toBe(1);
  expect(await forgets('initialize', 'methodNotFound')).toBe(1);
  expect(await forgets('initialize', 'outcomeUnknown')).toBe(0);
  expect(await forgets('tools/call', 'methodNotFound')).toBe(0);
});

test('that a session could not be opened again is no affair of the caller', async () => {
  const failing = (kind: ErrorKind) =>
    withoutSessions(() => Promise.reject(new McpError(kind, 'No')))({ id: 1, method: 'm' }, io());
  expect(await kindOf(failing('sessionNotFound'))).toBe('unavailable');
  expect(await kindOf(failing('invalidParams'))).toBe('invalidParams');
});
