/** Who is measured, each in the form that its documentation gives for production. */
import type { Era } from './load/messages.js';
import type { Program } from './measured.js';
import { ourName } from './row.js';

/** How a server is spoken to. Only sessions begin with a handshake. */
export type Mode = 'modern' | 'session' | 'stateless';

export interface Contestant {
  readonly name: string;
  readonly program: Program;
  readonly mode: Mode;
  /** Where JSON comes only to those who take nothing else. */
  readonly accept?: string;
}

export const eraOf = (mode: Mode): Era => (mode === 'modern' ? 'modern' : 'legacy');

const limit = (mode: Mode, path = 'servers/bare.mjs'): Contestant => ({
  name: 'limit',
  program: { path },
  mode,
});

function contestant(name: string, mode: Mode, args: readonly string[]): Contestant {
  const path = name === ourName ? '../fixtures/bench.mjs' : `servers/${name}.mjs`;
  return { name: `${name} ${mode}`, program: { path, args }, mode };
}

const ours = (mode: Mode): Contestant => contestant(ourName, mode, []);
const server = (name: string, mode: Mode): Contestant => contestant(name, mode, ['--mode', mode]);
const stdio = (name: string, mode: Mode): Contestant => contestant(name, mode, ['--stdio']);

export const stateless: readonly Contestant[] = [
  limit('modern'),
  ours('modern'),
  server('sdk-v2', 'modern'),
  server('sdk-v1', 'stateless'),
  server('fastmcp', 'stateless'),
  server('tmcp', 'modern'),
  { ...server('mcp-lite', 'stateless'), accept: 'application/json' },
];

export const withSessions: readonly Contestant[] = [
  limit('session'),
  ours('session'),
  ...['sdk-v2', 'sdk-v1', 'fastmcp', 'tmcp', 'mcp-lite'].map((name) => server(name, 'session')),
];

/** Those that answer a call with events, which some do only in sessions. */
export const streaming: readonly Contestant[] = [
  limit('modern'),
  ours('modern'),
  ours('session'),
  server('sdk-v2', 'modern'),
  server('sdk-v1', 'session'),
  server('fastmcp', 'session'),
  server('tmcp', 'modern'),
  server('mcp-lite', 'session'),
];

export const overStdio: readonly Contestant[] = [
  limit('modern', 'servers/bare-stdio.mjs'),
  stdio(ourName, 'modern'),
  stdio(ourName, 'session'),
  stdio('sdk-v2', 'modern'),
  stdio('sdk-v2', 'session'),
  stdio('sdk-v1', 'session'),
  stdio('fastmcp', 'session'),
  stdio('tmcp', 'session'),
];
