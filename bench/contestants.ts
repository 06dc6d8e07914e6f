/** Who is measured, each in the form that its documentation gives for production. */
import type { Era } from './load/messages.js';
import type { Program } from './measured.js';

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

const bare = 'servers/bare.mjs';
const ours = '../fixtures/bench.mjs';

function contestant(name: string, path: string, mode: Mode, ...args: string[]): Contestant {
  return { name: name === 'limit' ? name : `${name} ${mode}`, program: { path, args }, mode };
}

const server = (name: string, mode: Mode): Contestant =>
  contestant(name, `servers/${name}.mjs`, mode, '--mode', mode);

export const stateless: readonly Contestant[] = [
  contestant('limit', bare, 'modern'),
  contestant('sallyport', ours, 'modern'),
  server('sdk-v2', 'modern'),
  server('sdk-v1', 'stateless'),
  server('fastmcp', 'stateless'),
  server('tmcp', 'modern'),
  { ...server('mcp-lite', 'stateless'), accept: 'application/json' },
];

export const withSessions: readonly Contestant[] = [
  contestant('limit', bare, 'session'),
  contestant('sallyport', ours, 'session'),
  server('sdk-v2', 'session'),
  server('sdk-v1', 'session'),
  server('fastmcp', 'session'),
  server('tmcp', 'session'),
  server('mcp-lite', 'session'),
];

/** Those that answer a call with events, which some do only in sessions. */
export const streaming: readonly Contestant[] = [
  contestant('limit', bare, 'modern'),
  contestant('sallyport', ours, 'modern'),
  contestant('sallyport', ours, 'session'),
  server('sdk-v2', 'modern'),
  server('sdk-v1', 'session'),
  server('fastmcp', 'session'),
  server('tmcp', 'modern'),
  server('mcp-lite', 'session'),
];

function stdio(name: string, path: string, mode: Mode, ...args: string[]): Contestant {
  return contestant(name, path, mode, '--stdio', ...args);
}

export const overStdio: readonly Contestant[] = [
  { name: 'limit', program: { path: 'servers/bare-stdio.mjs' }, mode: 'modern' },
  stdio('sallyport', ours, 'modern'),
  stdio('sallyport', ours, 'session'),
  stdio('sdk-v2', 'servers/sdk-v2.mjs', 'modern'),
  stdio('sdk-v2', 'servers/sdk-v2.mjs', 'session'),
  stdio('sdk-v1', 'servers/sdk-v1.mjs', 'session'),
  stdio('fastmcp', 'servers/fastmcp.mjs', 'session'),
  stdio('tmcp', 'servers/tmcp.mjs', 'session'),
];
