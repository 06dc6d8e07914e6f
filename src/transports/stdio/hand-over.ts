import type { ChildProcess } from 'node:child_process';
import type { Duplex } from 'node:stream';

/**
 * The last words of a launcher: a shell that gets the variables of the server over a pipe of its
 * own, so that no launcher obeys them and no list of processes shows them. It says that it is there
 * and starts nothing before it was answered. By then it is bound to the life of this process, and
 * the answer proves that this process was alive: nobody is left behind by one that was killed
 * before. Its own remarks on how the server ended are no business of anybody.
 */
export const inGroup: readonly string[] = shell('exec "$@" 2>&4 4>&-');

/**
 * The same as process 1. It waits for the server and reaps whatever is left to it; it is in one
 * group with the server, so that a signal to the group reaches both, and as process 1 it only dies
 * of SIGKILL.
 */
export const asProcessOne: readonly string[] = shell('exec "$@" 2>&4 4>&-', 'trap : TERM INT; ');

function shell(start: string, trap = ''): string[] {
  const run = `eval "$text"; ${start}`;
  const script =
    `${trap}exec 4>&2 2>/dev/null; echo >&3; IFS= read -r text <&3 || exit 143; exec 3>&-; ` +
    `n='\n'; ${trap === '' ? run : `(${run}); exit $?`}`;
  return ['/bin/sh', '-c', script, 'sallyport'];
}

/** The pipe of a launcher among the `stdio` of its process. */
export const handOverFd = 3;

/** Waits for the launcher and hands over the variables of the server. */
export function handOver(child: ChildProcess, env: Readonly<Record<string, string>>): void {
  const pipe = child.stdio[handOverFd] as Duplex | null | undefined;
  if (pipe === null || pipe === undefined) return;
  // A launcher that is gone is noticed by its exit.
  pipe.on('error', () => pipe.destroy());
  pipe.once('data', () => pipe.end(`${exported(env)}\n`, () => pipe.destroy()));
}

/** In one line, and in one command: no value can change what another one becomes. */
function exported(env: Readonly<Record<string, string>>): string {
  const words = Object.entries(env).map(([name, value]) => `${name}=${quoted(value)}`);
  const own = 'unset PWD OLDPWD SHLVL';
  return words.length === 0 ? own : `${own}; export ${words.join(' ')}`;
}

const quoted = (value: string): string =>
  `'${value.replaceAll("'", `'\\''`).replaceAll('\n', `'"$n"'`)}'`;

/** The names that a shell cannot hand on: it drops them, or keeps a value of its own. */
export function namesLost(env: Readonly<Record<string, string>>): string[] {
  return Object.keys(env).filter((name) => !/^[A-Za-z_]\w*$/.test(name) || kept.has(name));
}

const kept: ReadonlySet<string> = new Set(
  'UID EUID PPID SHELLOPTS BASHOPTS BASH_VERSINFO _'.split(' '),
);
