/** How the command line ends. Users know these numbers from the Inspector and from `timeout`. */
export type Exit =
  | 'ok'
  | 'usage'
  | 'auth'
  | 'unreachable'
  | 'tool'
  | 'output'
  | 'configuration'
  | 'timeout'
  | 'interrupted'
  | 'terminated';

export const exitCodes: { readonly [exit in Exit]: number } = Object.freeze({
  ok: 0,
  usage: 1,
  auth: 3,
  unreachable: 4,
  tool: 5,
  output: 74,
  configuration: 78,
  timeout: 124,
  interrupted: 130,
  terminated: 143,
});

/** For `--help`. */
export const exitCodesHelp: string =
  'Exit codes: 0 done, 1 wrong usage, 3 not authorized, 4 server not reachable, 5 error of the\n' +
  'tool or the server, 74 output lost, 78 refused configuration, 124 timed out, 130 Ctrl-C.';
