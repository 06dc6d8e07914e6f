/**
 * Hosts of their own on one network, each in a network namespace, of which any can be cut off from
 * the others while it is still reached from here.
 */
import { execFileSync } from 'node:child_process';

export interface Host {
  readonly namespace: string;
  readonly address: string;
}

export interface Network {
  readonly hosts: readonly Host[];
  /** Nothing more goes between this host and the others; what is sent is lost. */
  cut(host: Host): void;
  mend(host: Host): void;
  close(): void;
}

/** Whether this process may make such a network. */
export const hasNamespaces = ((): boolean => {
  const name = `sp-probe-${process.pid}`;
  try {
    ip('netns', 'add', name);
    ip('netns', 'del', name);
    return true;
  } catch {
    return false;
  }
})();

const closers = new Set<() => void>();
process.on('exit', () => {
  for (const close of closers) close();
});

let networks = 0;

export function openNetwork(count: number): Network {
  // Names of links are short, and other tests may run at the same time.
  const tag = `${process.pid.toString(36)}${networks++}`;
  const bridge = `sb${tag}`;
  const subnet = `10.${100 + (process.pid % 100)}.${networks % 250}`;
  const here = `${subnet}.1`;
  ip('link', 'add', bridge, 'type', 'bridge');
  ip('addr', 'add', `${here}/24`, 'dev', bridge);
  ip('link', 'set', bridge, 'up');
  const made = Array.from({ length: count }, (_, at) => {
    const namespace = `sp-${tag}-${at}`;
    const address = `${subnet}.${at + 2}`;
    const [shared, own] = [`sv${tag}${at}`, `so${tag}${at}`];
    const within = (...args: readonly string[]): void => ip('-n', namespace, ...args);
    ip('netns', 'add', namespace);
    ip('link', 'add', shared, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
    ip('link', 'add', own, 'type', 'veth', 'peer', 'name', 'eth1', 'netns', namespace);
    ip('link', 'set', shared, 'master', bridge, 'up');
    ip('link', 'set', own, 'up');
    within('addr', 'add', `${address}/24`, 'dev', 'eth0');
    for (const link of ['lo', 'eth0', 'eth1']) within('link', 'set', link, 'up');
    // From here it is reached by a line of its own, under the same address.
    ip('route', 'add', `${address}/32`, 'dev', own, 'src', here);
    within('route', 'add', `${here}/32`, 'dev', 'eth1', 'src', address);
    return { host: { namespace, address }, shared };
  });
  const linkOf = (host: Host): string => made.find((one) => one.host === host)!.shared;
  const close = (): void => {
    closers.delete(close);
    for (const { host } of made) ip('netns', 'del', host.namespace);
    ip('link', 'del', bridge);
  };
  closers.add(close);
  return {
    hosts: made.map(({ host }) => host),
    cut: (host) => ip('link', 'set', linkOf(host), 'nomaster'),
    mend: (host) => ip('link', 'set', linkOf(host), 'master', bridge),
    close,
  };
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
