/** The browser of the system, headless, with a profile that nobody used before or uses after. */
import { execFileSync } from 'node:child_process';
import { accessSync, chmodSync, constants, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';

export interface Browser {
  readonly context: BrowserContext;
  readonly version: string;
  close(): Promise<void>;
}

export interface BrowserOptions {
  readonly flags?: readonly string[];
  /** The address of the only name server that this browser knows. */
  readonly nameServer?: string;
}

/** Under REQUIRE_SYSTEM=1 nothing is left out for want of a program. */
export const isRequired: boolean = process.env['REQUIRE_SYSTEM'] === '1';

export const chromiumPath: string | undefined = findChromium();
/** Why the tests of this folder do not run here; undefined where they do. */
export const whyNoBrowser: string | undefined =
  chromiumPath === undefined ? 'Chromium is not installed: apt-get install chromium' : undefined;
/** Why no browser can be given a name server of its own; undefined where it can. */
export const whyNoNames: string | undefined = whyNoBrowser ?? whyNoMounts();

const flags = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export async function openBrowser(options: BrowserOptions = {}): Promise<Browser> {
  if (chromiumPath === undefined) throw new Error(whyNoBrowser);
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-browser-'));
  const { nameServer } = options;
  const executablePath =
    nameServer === undefined ? chromiumPath : resolvingBy(nameServer, chromiumPath, folder);
  try {
    const context = await chromium.launchPersistentContext(join(folder, 'profile'), {
      executablePath,
      headless: true,
      // The sandbox refuses to be started by root, who runs the tests in most containers.
      chromiumSandbox: process.getuid?.() !== 0,
      args: [...flags, ...(options.flags ?? [])],
      viewport: { width: 800, height: 600 },
    });
    // Before the test itself runs out of time: this says what it waited for.
    context.setDefaultTimeout(8_000);
    const version = context.browser()?.version() ?? 'of an unknown version';
    return {
      context,
      version,
      async close() {
        await context.close();
        rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
      },
    };
  } catch (thrown) {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    throw thrown;
  }
}

function findChromium(): string | undefined {
  const folders = ['/usr/bin', ...(process.env['PATH'] ?? '').split(delimiter)];
  const paths = folders.flatMap((folder) =>
    ['chromium', 'chromium-browser', 'google-chrome'].map((name) => join(folder, name)),
  );
  return paths.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** The browser in a mount namespace, where another file stands in place of /etc/resolv.conf. */
function resolvingBy(nameServer: string, browser: string, folder: string): string {
  const file = join(folder, 'resolv.conf');
  writeFileSync(file, `nameserver ${nameServer}\noptions attempts:1\n`);
  const launcher = join(folder, 'chromium');
  const inside = `mount --bind ${file} /etc/resolv.conf && exec ${browser} "$@"`;
  writeFileSync(launcher, `#!/bin/sh\nexec unshare --mount sh -c '${inside}' sh "$@"\n`);
  chmodSync(launcher, 0o755);
  return launcher;
}

function whyNoMounts(): string | undefined {
  const mount = 'mount --bind /etc/resolv.conf /etc/resolv.conf';
  try {
    execFileSync('sh', ['-c', `unshare --mount ${mount}`], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'Mount namespaces are forbidden here, so no browser can be given a name server';
  }
}
