import { expect, test } from 'vitest';
import { childEnvironment, isRiskyVariable } from '../../../../src/transports/stdio/environment.js';

const own = {
  PATH: '/bin',
  HOME: '/h',
  LC_ALL: 'C',
  LD_PRELOAD: '/evil.so',
  NODE_OPTIONS: '--require x',
  API_KEY: 'secret',
  USER: '() { :; }; echo',
  EXTRA: 'e',
  GONE: undefined,
};

test('only usual names pass, and none that a shell would run', () => {
  expect({ ...childEnvironment({ own, platform: 'linux' }) }).toEqual({
    PATH: '/bin',
    HOME: '/h',
    LC_ALL: 'C',
  });
});

test('further names pass when named, and what the user sets wins', () => {
  const environment = childEnvironment({
    own,
    inherit: ['EXTRA', 'NODE_OPTIONS', 'GONE'],
    set: { PATH: '/mine', API_KEY: 'k' },
    platform: 'linux',
  });
  expect({ ...environment }).toEqual({
    PATH: '/mine',
    HOME: '/h',
    LC_ALL: 'C',
    EXTRA: 'e',
    NODE_OPTIONS: '--require x',
    API_KEY: 'k',
  });
});

test('on Windows the case of names does not matter', () => {
  const windows = { Path: 'C:\\', SystemRoot: 'C:\\Windows', Secret: 's', temp: 't' };
  const inherited = childEnvironment({ own: windows, platform: 'win32' });
  expect({ ...inherited }).toEqual({ Path: 'C:\\', SystemRoot: 'C:\\Windows', temp: 't' });
  const set = childEnvironment({ own: windows, set: { PATH: 'D:\\' }, platform: 'win32' });
  expect({ ...set }).toEqual({ PATH: 'D:\\', SystemRoot: 'C:\\Windows', temp: 't' });
});

test('variables that make loaders and tools run something else are told from others', () => {
  const risky = (
    'NODE_OPTIONS LD_PRELOAD DYLD_INSERT_LIBRARIES BASH_ENV PYTHONPATH npm_config_registry ' +
    'GIT_SSH_COMMAND PATH'
  ).split(' ');
  expect(risky.filter((name) => !isRiskyVariable(name))).toEqual([]);
  expect(['TOKEN', 'HOME', 'LDAP', 'MY_GIT_URL'].filter(isRiskyVariable)).toEqual([]);
});
