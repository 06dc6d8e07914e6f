export interface EnvironmentOptions {
  /** The environment of this process. */
  readonly own: Readonly<Record<string, string | undefined>>;
  /** Names beyond the usual ones that the child gets from this process. */
  readonly inherit?: readonly string[];
  /** What the user gives the child; wins over what it inherits. */
  readonly set?: Readonly<Record<string, string>>;
  readonly platform: NodeJS.Platform;
}

/**
 * What a child process may know of ours: the few variables that programs need to run, and no other,
 * since environments hold secrets, and loaders obey some of their names.
 */
export function childEnvironment(options: EnvironmentOptions): Record<string, string> {
  const { own, inherit = [], set = {}, platform } = options;
  // Windows does not tell PATH from Path.
  const fold = (name: string): string => (platform === 'win32' ? name.toUpperCase() : name);
  const wanted = new Set([...usualNames, ...inherit].map(fold));
  if (platform === 'win32') for (const name of windowsNames) wanted.add(name);
  const replaced = new Set(Object.keys(set).map(fold));

  const environment: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(own)) {
    const key = fold(name);
    if (value === undefined || replaced.has(key)) continue;
    if (!wanted.has(key) && !key.startsWith('LC_')) continue;
    // What begins so is a function to some shells, which run it (Shellshock).
    if (!value.startsWith('()')) environment[name] = value;
  }
  return Object.assign(environment, set);
}

const usualNames = 'PATH HOME LANG TZ TMPDIR USER LOGNAME SHELL TERM'.split(' ');
const windowsNames = (
  'APPDATA COMSPEC HOMEDRIVE HOMEPATH LOCALAPPDATA PATHEXT PROCESSOR_ARCHITECTURE PROGRAMDATA ' +
  'PROGRAMFILES SYSTEMDRIVE SYSTEMROOT TEMP TMP USERNAME USERPROFILE WINDIR'
).split(' ');

/** Whether loaders, interpreters or tools run code or send data elsewhere because of it. */
export function isRiskyVariable(name: string): boolean {
  const upper = name.toUpperCase();
  return riskyNames.has(upper) || riskyBeginnings.some((beginning) => upper.startsWith(beginning));
}

const riskyBeginnings = (
  'LD_ DYLD_ PYTHON NPM_CONFIG_ GIT_ NODE_ RUBY GEM_ PERL BASH_FUNC_ OPENSSL_ SSL_ JAVA_TOOL_ ' +
  'JDK_ DOTNET_ CORECLR_ GLIBC_'
).split(' ');
const riskyNames = new Set(
  'BASH_ENV ENV PATH IFS SHELLOPTS PS4 CLASSPATH GCONV_PATH LOCPATH PATHEXT COMSPEC'.split(' '),
);
