/**
 * Hosts of their own on one network, each in a network namespace, of which any can be cut off from
 * the others while it is still reached from here.
 */
import { execFileSync } from 'node:child_process';
import { isRunning } from '../../is-running.js';

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
  const name = `sp-${process.pid}-probe`;
  return done('netns', 'add', name) && done('netns', 'del', name);
})();

const opened = new Set<Network>();
process.on('exit', () => {
  for (const network of opened) network.close();
});

let networks = 0;
/** 198.18.0.0/15 is for tests of networks (RFC 2544). */
const subnets = 512;
const attempts = 8;

export function openNetwork(count: number): Network {
  if (networks === 0) removeLeftOver();
  for (let attempt = 1; ; attempt++) {
    const at = (process.pid + networks++) % subnets;
    const network = new TestNetwork(`198.${18 + (at >> 8)}.${at & 255}`, count);
    try {
      network.open();
      return network;
    } catch (cause) {
      network.close();
      // Another run may have it.
      if (attempt === attempts) throw cause;
    }
  }
}

class TestNetwork implements Network {
  readonly hosts: readonly Host[];
  readonly #here: string;
  readonly #bridge: string;

  constructor(subnet: string, count: number) {
    const name = `${process.pid}-${networks}`;
    this.#here = `${subnet}.1`;
    this.#bridge = `sb${name}`;
    this.hosts = Array.from({ length: count }, (_, at) => ({
      namespace: `sp-${name}-${at}`,
      address: `${subnet}.${at + 2}`,
    }));
  }

  open(): void {
    opened.add(this);
    ip('link', 'add', this.#bridge, 'type', 'bridge');
    ip('addr', 'add', `${this.#here}/24`, 'dev', this.#bridge);
    ip('link', 'set', this.#bridge, 'up');
    for (const host of this.hosts) this.#add(host);
  }

  cut(host: Host): void {
    ip('link', 'set', this.#linkOf(host), 'nomaster');
  }

  mend(host: Host): void {
    ip('link', 'set', this.#linkOf(host), 'master', this.#bridge);
  }

  close(): void {
    opened.delete(this);
    for (const { namespace } of this.hosts) done('netns', 'del', namespace);
    done('link', 'del', this.#bridge);
  }

  #add(host: Host): void {
    const { namespace, address } = host;
    const shared = this.#linkOf(host);
    const own = `so${shared.slice(2)}`;
    const within = (...args: readonly string[]): void => ip('-n', namespace, ...args);
    ip('netns', 'add', namespace);
    ip('link', 'add', shared, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace);
    ip('link', 'add', own, 'type', 'veth', 'peer', 'name', 'eth1', 'netns', namespace);
    ip('link', 'set', shared, 'master', this.#bridge, 'up');
    ip('link', 'set', own, 'up');
    within('addr', 'add', `${address}/24`, 'dev', 'eth0');
    for (const link of ['lo', 'eth0', 'eth1']) within('link', 'set', link, 'up');
    // From here it is reached by a line of its own, under the same address.
    ip('route', 'add', `${address}/32`, 'dev', own, 'src', this.#here);
    within('route', 'add', `${this.#here}/32`, 'dev', 'eth1', 'src', address);
  }

  #linkOf(host: Host): string {
    return `sv${this.#bridge.slice(2)}-${this.hosts.indexOf(host)}`;
  }
}

/** What runs that were killed have left. */
function removeLeftOver(): void {
  const names = execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' });
  for (const [name, pid] of names.matchAll(/^sp-(\d+)-\S+/gm)) {
    if (!isRunning(Number(pid))) done('netns', 'del', name);
  }
  const links = execFileSync('ip', ['-o', 'link', 'show', 'type', 'bridge'], { encoding: 'utf8' });
  for (const [, name, pid] of links.matchAll(/^\d+: (sb(\d+)-\d+):/gm)) {
    if (!isRunning(Number(pid))) done('link', 'del', name!);
  }
}

function done(...args: readonly string[]): boolean {
  try {
    ip(...args);
    return true;
  } catch {
    return false;
  }
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
