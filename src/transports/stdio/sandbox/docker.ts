import { systemTool } from '../system-tool.js';
import type { Profile } from './profile.js';

/** A container without network, powers and disk, bounded in memory, processor and processes. */
export const dockerProfile: Profile = {
  async check(_plan, { image, roots = [], readOnlyRoots = [] }) {
    if (image === undefined || image === '' || image.startsWith('-')) {
      return { missing: "give the image: { profile: 'docker', image: 'node:22-slim' }" };
    }
    // Commas part the words of a mount, and there is no way to quote one that is portable.
    if ([...roots, ...readOnlyRoots].some((path) => /[,"\n]/.test(path))) {
      return { missing: 'a root with a comma, quote or line break cannot be mounted' };
    }
    const tool = await systemTool('docker');
    return tool === undefined ? { missing: 'install docker' } : { tool };
  },
  wrap(plan, { image = '', network, roots, readOnlyRoots }, { tool, name }) {
    const words = ['run', '-i', '--init', '--rm', '--name', name];
    words.push('--network', network === true ? 'bridge' : 'none', '--read-only');
    words.push('--cap-drop', 'ALL', '--security-opt', 'no-new-privileges');
    words.push('--pids-limit', '128', '--memory', '512m', '--cpus', '1');
    words.push('--user', user(), '--tmpfs', '/tmp');
    const mount = (path: string): string => `type=bind,source=${path},target=${path}`;
    for (const root of roots) words.push('--mount', mount(root));
    for (const root of readOnlyRoots) words.push('--mount', `${mount(root)},readonly`);
    // By name only: values would stand in the list of processes.
    for (const variable of plan.namedEnv) words.push('--env', variable);
    words.push(image, plan.command, ...plan.args);
    // The engine keeps a container alive whose client was killed.
    const afterKill = { file: tool, args: ['kill', name] };
    return { ...plan, file: tool, args: words, afterKill };
  },
};

function user(): string {
  const uid = process.getuid?.() ?? 0;
  return uid === 0 ? '65534:65534' : `${uid}:${process.getgid?.() ?? uid}`;
}
