import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { refuseUntrusted, sha256Of } from '../../../../src/transports/stdio/trusted-file.js';

let root = '';
let tool = '';
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'trusted-')));
  await mkdir(join(root, 'bin'));
  tool = join(root, 'bin', 'tool');
  await writeFile(tool, '#!/bin/sh\n', { mode: 0o755 });
});
afterEach(() => rm(root, { recursive: true }));

const check = (file = tool, sha256?: string): Promise<void> =>
  refuseUntrusted({ file, realFile: tool }, sha256);

describe.skipIf(process.platform === 'win32')('a program that others may change', () => {
  test('is refused, with how to mend it', async () => {
    await check();
    await chmod(tool, 0o777);
    await expect(check()).rejects.toMatchObject({
      kind: 'connectionFailed',
      message: expect.stringContaining(`chmod o-w '${tool}'`),
    });
  });

  test('or replace, through any folder above it or above the link to it', async () => {
    await chmod(root, 0o777);
    await expect(check()).rejects.toThrow(`chmod o-w '${root}'`);
    await chmod(root, 0o755);
    const links = join(root, 'links');
    await mkdir(links);
    await chmod(links, 0o777);
    await symlink(tool, join(links, 'tool'));
    await expect(check(join(links, 'tool'))).rejects.toThrow(`chmod o-w '${links}'`);
    // However many links are before it.
    await symlink(join(links, 'tool'), join(root, 'first'));
    await expect(check(join(root, 'first'))).rejects.toThrow(`chmod o-w '${links}'`);
  });

  test('not even in a sticky folder, unless what is there is ours or of root', async () => {
    await chmod(root, 0o1777);
    await check();
    if (process.getuid?.() !== 0) return;
    const { chown } = await import('node:fs/promises');
    await chown(join(root, 'bin'), 65_534, 65_534);
    await expect(check()).rejects.toThrow(`everybody may change ${root}`);
  });

  test('texts that the system would not start are not left to a shell', async () => {
    await writeFile(tool, 'echo hello\n');
    await expect(check()).rejects.toThrow('nor a script with an interpreter line');
    await writeFile(tool, '#!/no/such/thing -x\n');
    await expect(check()).rejects.toThrow('"/no/such/thing", does not exist');
    await writeFile(tool, Buffer.from([1, 2, 0]));
    await check();
  });
});

test('a pin holds the bytes that links lead to', async () => {
  const pin = await sha256Of(tool);
  expect(pin).toMatch(/^[0-9a-f]{64}$/);
  await check(tool, pin.toUpperCase());
  await writeFile(tool, '#!/bin/sh\nexit 1\n');
  await expect(check(tool, pin)).rejects.toThrow(/was pinned: its SHA-256 is [0-9a-f]{64}, not/);
});
