import { type ChildProcess, spawn } from 'node:child_process';

/** Opens a page, by no shell, so that nothing in its address is a command. */
export function openBrowser(
  url: string,
  env: { readonly [name: string]: string | undefined },
  platform: NodeJS.Platform = process.platform,
): ChildProcess | undefined {
  const { protocol, href } = new URL(url);
  if (protocol !== 'https:' && protocol !== 'http:') return undefined;
  const [command, ...args] = openers[platform] ?? ['xdg-open'];
  const child = spawn(command, [...args, href], { env, detached: true, stdio: 'ignore' });
  // The address stands in the terminal: whoever has no browser here opens it elsewhere.
  child.on('error', () => undefined);
  child.unref();
  return child;
}

const openers: { readonly [platform: string]: readonly [string, ...string[]] } = {
  darwin: ['open'],
  win32: ['rundll32.exe', 'url.dll,FileProtocolHandler'],
};
