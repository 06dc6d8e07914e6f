/** What servers do that launchers have to live with, as shell scripts that say when they are up. */
const up = `echo '{"jsonrpc":"2.0","method":"up"}'`;
const serve = 'cat >/dev/null';

export const behaviours = {
  exit: `${up}; exit 0`,
  crash: `${up}; kill -SEGV $$`,
  'end of input': `${up}; ${serve}`,
  hang: `${up}; exec sleep 1000`,
  'ignores SIGTERM': `trap '' TERM; ${up}; while :; do sleep 1000; done`,
  'grandchild holds stdout': `sleep 1000 & ${up}; exit 0`,
  // Its parent is gone, its session another, and it holds nothing of the server.
  daemon:
    `mkfifo "$FIFO"; (setsid sh -c 'trap "" TERM HUP; : >"$FIFO"; while :; do sleep 1000; done'` +
    ` </dev/null >/dev/null 2>&1 &); read x <"$FIFO"; ${up}; ${serve}`,
  'output flood': `${up}; exec yes '{"jsonrpc":"2.0","method":"flood"}'`,
  // Ends by itself only where a bound stops it, and so says that it is up.
  'fork flood': `(while :; do sleep 1000 & done) 2>/dev/null; ${up}; exec sleep 1000`,
} as const;

export type Behaviour = keyof typeof behaviours;
export const names: readonly Behaviour[] = Object.keys(behaviours) as Behaviour[];

/** How the host comes to its end. */
export const endings = ['closes', 'is killed'] as const;
export type HostEnding = (typeof endings)[number];
