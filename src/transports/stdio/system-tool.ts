import { findCommand } from './find-command.js';
import { refuseUntrusted } from './trusted-file.js';

/** Where a tool of the system is, never where the child would look; undefined where it is not. */
export async function systemTool(name: string): Promise<string | undefined> {
  const known = tools.get(name);
  if (known !== undefined) return known;
  const env = { PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/usr/bin:/sbin:/bin` };
  try {
    const found = await findCommand({ command: name, cwd: '/', env, platform: process.platform });
    await refuseUntrusted(found);
    tools.set(name, found.file);
    return found.file;
  } catch {
    return undefined;
  }
}

const tools = new Map<string, string>();
