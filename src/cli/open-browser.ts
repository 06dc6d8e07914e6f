import { type ChildProcess, spawn } from 'node:child_process';
import { win32 } from 'node:path';

/** Opens a page, by no shell, so that nothing in its address is a command. */
export function openBrowser(
  url: string,
  env: { readonly [name: string]: string | undefined },
  platform: NodeJS.Platform = process.platform,
): ChildProcess | undefined {
  const { protocol, href } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:') return undefined;
  const [command, ...args] = openerOf(platform, env);
  const child = spawn(command, [...args, href], { env, detached: true, stdio: 'ignore' });
  // The address stands in the terminal: whoever has no browser here opens it elsewhere.
  child.on('error', () => undefined);
  child.unref();
  return child;
}

/** By whole paths, where there are any: a search might begin in the folder we were started in. */
function openerOf(
  platform: NodeJS.Platform,
  env: { readonly [name: string]: string | undefined },
): readonly [string, ...string[]] {
  if (platform === 'darwin') return ['/usr/bin/open'];
  if (platform !== 'win32') return ['xdg-open'];
  const { SystemRoot: root = 'C:\\Windows' } = env;
  const system = win32.join(win32.isAbsolute(root) ? root : 'C:\\Windows', 'System32');
  return [win32.join(system, 'rundll32.exe'), 'url.dll,FileProtocolHandler'];
}
