import { childEnvironment, isRiskyVariable } from '../environment.js';
import type { LaunchPlan } from '../launch-plan.js';
import { systemTool } from '../system-tool.js';
import type { Profile } from './profile.js';

/** A container without network, powers and disk, bounded in memory, processor and processes. */
export const dockerProfile: Profile = {
  async check(plan, { image, roots = [], readOnlyRoots = [] }) {
    if (image === undefined || image === '' || image.startsWith('-')) {
      return { missing: "give the image: { profile: 'docker', image: 'node:22-slim' }" };
    }
    // Commas part the words of a mount, and there is no way to quote one that is portable.
    if ([...roots, ...readOnlyRoots].some((path) => /[,"\n]/.test(path))) {
      return { missing: 'a root with a comma, quote or line break cannot be mounted' };
    }
    const secret = plan.namedEnv.find((name) => steers(name) && isSecret(plan.env[name] ?? ''));
    if (secret !== undefined) {
      return { missing: `${secret} would be obeyed by docker itself or show its password` };
    }
    const tool = await systemTool('docker');
    return tool === undefined
      ? { missing: 'install docker, where only root can change it' }
      : { tool };
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
    // By name where that can be: values stand in the list of processes.
    for (const variable of plan.namedEnv) {
      const assigned = `${variable}=${plan.env[variable] ?? ''}`;
      words.push('--env', steers(variable) ? assigned : variable);
    }
    words.push(image, plan.command, ...plan.args);
    // The engine keeps a container alive whose client was killed.
    const afterKill = { file: tool, args: ['kill', name] };
    return { ...plan, file: tool, args: words, env: environment(plan), afterKill };
  },
};

/** What docker itself gets: what it has from us, never what is meant for the server. */
function environment({ env, namedEnv }: LaunchPlan): Record<string, string> {
  const own = childEnvironment({ own: process.env, inherit: dockerNames, platform: 'linux' });
  const given = namedEnv.filter((name) => !steers(name)).map((name) => [name, env[name] ?? '']);
  return { ...own, ...(Object.fromEntries(given) as Record<string, string>) };
}

const dockerNames = (
  'DOCKER_HOST DOCKER_CONTEXT DOCKER_CONFIG DOCKER_CERT_PATH DOCKER_TLS DOCKER_TLS_VERIFY ' +
  'DOCKER_API_VERSION XDG_RUNTIME_DIR XDG_CONFIG_HOME SSH_AUTH_SOCK'
).split(' ');

/** Whether docker, or what it runs, would do something else because of it. */
function steers(name: string): boolean {
  const upper = name.toUpperCase();
  return steering.has(upper) || isRiskyVariable(name) || /^(?:DOCKER|BUILDKIT|OTEL)_/.test(upper);
}

const steering: ReadonlySet<string> = new Set([
  ...dockerNames,
  ...'HOME USER LOGNAME SHELL TMPDIR GODEBUG GOTRACEBACK SSH_ASKPASS'.split(' '),
  ...'HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY'.split(' '),
]);

/** Whether an address has a user's part, which may hold a password. */
const isSecret = (value: string): boolean => value.includes('@');

function user(): string {
  const uid = process.getuid?.() ?? 0;
  return uid === 0 ? '65534:65534' : `${uid}:${process.getgid?.() ?? uid}`;
}
