import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { splitCommandLine } from '../../../src/cli/command-line.js';
import { failureOf } from '../../../src/cli/failure.js';
import { McpError } from '../../../src/errors.js';
import { aim, sandboxFor } from '../../../src/cli/target.js';

const folder = mkdtempSync(join(tmpdir(), 'target-'));
afterAll(() => rmSync(folder, { recursive: true }));
const options = { era: 'auto', timeout: 1000 } as const;

test('the first -- divides a command line; later ones belong to the child', () => {
  expect(splitCommandLine(['a', 'b'])).toEqual({ own: ['a', 'b'], child: undefined });
  expect(splitCommandLine(['a', '--', 'b', '--', 'c'])).toEqual({
    own: ['a'],
    child: ['b', '--', 'c'],
  });
});

test('a URL is the first word', () => {
  const aimed = aim(['http://localhost:1/mcp', 'tool', 'a=1'], undefined, options);
  expect(aimed).toEqual({ target: 'http://localhost:1/mcp', headers: {}, rest: ['tool', 'a=1'] });
});

test('a command leaves all words to the tool, and gets variables', () => {
  const aimed = aim(['tool'], ['node', 'x.js', '--json'], { ...options, env: ['A=b=c'] });
  const target = { command: 'node', args: ['x.js', '--json'], env: { A: 'b=c' } };
  expect(aimed).toEqual({ target, headers: {}, rest: ['tool'] });
});

test('headers come from files and options, options last', () => {
  const headerFile = join(folder, 'headers');
  writeFileSync(headerFile, '# a comment\r\nAuthorization: Bearer a:b\r\n\nX-A: file\n');
  const aimed = aim(['https://h/mcp'], undefined, {
    ...options,
    headerFile: [headerFile],
    header: ['x-a: option', 'Empty:'],
  });
  expect(aimed.headers).toEqual({ authorization: 'Bearer a:b', 'x-a': 'option', empty: '' });
});

test('a malformed header is refused without being shown', () => {
  const secret = 'Authorization Bearer s3cret';
  const refused = (): unknown =>
    aim(['https://h/mcp'], undefined, { ...options, header: [secret] });
  expect(refused).toThrow('malformed');
  expect(refused).not.toThrow('s3cret');
  const header = ['a: b\r\nevil: c'];
  expect(() => aim(['https://h/mcp'], undefined, { ...options, header })).toThrow('malformed');
});

test('a command gets the sandbox of the command line, which adds to one of a file', () => {
  const given = { ...options, sandboxRead: ['/usr'], sandboxWrite: ['x'], sandboxNetwork: true };
  const allowed = { readOnlyRoots: ['/usr'], roots: [resolve('x')], network: true };
  const { target } = aim([], ['node'], { ...given, sandbox: 'bwrap' });
  expect(target).toMatchObject({ sandbox: { profile: 'bwrap', ...allowed } });
  expect(sandboxFor(given, { profile: 'bwrap', roots: ['y'], network: false })).toEqual({
    ...allowed,
    ...{ profile: 'bwrap', roots: ['y', resolve('x')] },
  });
  expect(sandboxFor({ ...options, sandbox: 'none' }, { profile: 'bwrap' })).toEqual({
    profile: 'none',
  });
  expect(() => aim([], ['node'], given)).toThrow('no sandbox to allow this in');
  expect(() => aim(['http://h/mcp'], undefined, { ...options, sandbox: 'bwrap' })).toThrow(
    'gets no sandbox',
  );
});

test('a container without an image is refused, with the option that names one', () => {
  const docker = { ...options, sandbox: 'docker' } as const;
  expect(() => aim([], ['node'], docker)).toThrow(
    expect.objectContaining({ next: expect.stringContaining('--sandbox-image') }),
  );
  const named = { ...docker, sandboxImage: 'node:22-slim' };
  expect(sandboxFor(named)).toEqual({ profile: 'docker', image: 'node:22-slim' });
});

test('a sandbox that cannot be had is not blamed on the address', () => {
  const refused = (message: string): string =>
    failureOf(new McpError('connectionFailed', message)).next;
  expect(refused('The sandbox "bwrap" cannot be had: install bubblewrap')).toContain('doctor');
  expect(refused('It was not found')).toContain('address');
});
