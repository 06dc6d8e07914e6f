import { systemTool } from '../system-tool.js';
import type { Profile, ResourceBounds } from './profile.js';

const defaultBounds: ResourceBounds = Object.freeze({
  openFiles: 1024,
  // A server that npx starts has three processes of about eleven threads each.
  processes: 256,
  fileBytes: 1024 ** 3,
  cpuSeconds: 3600,
});

export const boundNames: readonly string[] = Object.keys(defaultBounds);

/** Bounds on what one server may use up. It sees and changes whatever this user may. */
export const limitsProfile: Profile = {
  async check() {
    const tool = await systemTool('prlimit');
    return tool === undefined ? { missing: 'install prlimit, which is in util-linux' } : { tool };
  },
  wrap(plan, { bounds = {} }, { tool }) {
    return { ...plan, around: bounded(tool, bounds) };
  },
};

/** The words before a command that bound it. */
export function bounded(prlimit: string, changes: Partial<ResourceBounds>): readonly string[] {
  const bounds = { ...defaultBounds, ...changes };
  return [
    prlimit,
    `--nofile=${bounds.openFiles}`,
    `--nproc=${bounds.processes}`,
    `--fsize=${bounds.fileBytes}`,
    `--cpu=${bounds.cpuSeconds}`,
    '--core=0',
    '--',
  ];
}
