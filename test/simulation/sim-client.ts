import type { Client } from '../../src/client/client.js';
import { findEra } from '../../src/connect/find-era.js';
import type { ClosableOpener } from '../../src/connect/open-target.js';
import { type ConnectOptions, readOptions } from '../../src/connect/options.js';
import { supervise } from '../../src/connect/supervise.js';
import { type Link, pipeLink } from '../../src/engine/link.js';
import { type Limits, resolveLimits } from '../../src/limits.js';
import type { Platform } from '../../src/platform/platform.js';
import { httpLink } from '../../src/transports/http/connect.js';
import type { HttpSend } from '../../src/transports/http/send.js';
import type { Child } from './child.js';
import type { Dice } from './dice.js';
import type { Oracle } from './oracle.js';
import type { Process } from './scheduler.js';
import { syncCrypto } from './sync-crypto.js';

export interface SimClientOptions {
  readonly name: string;
  readonly process: Process;
  readonly dice: Dice;
  readonly oracle: Oracle;
  readonly limits: Partial<Limits>;
  /** Over HTTP, or over the pipes of children that are started for it. */
  readonly way: { readonly send: HttpSend } | { readonly start: () => Child };
  readonly connect: Pick<ConnectOptions, 'era' | 'revision'>;
}

/** A client of the library, over a network or pipes that are not real. */
export interface SimClient {
  connect(): Promise<Client>;
  /** Questions of servers that nobody has answered yet. */
  readonly asked: number;
}

const url = 'http://127.0.0.1:3000/mcp';

export function createSimClient(options: SimClientOptions): SimClient {
  const { name, process, dice, oracle } = options;
  const platform: Platform = { clock: process.clock, random: dice, crypto: syncCrypto };
  const limits = resolveLimits(options.limits);
  let asked = 0;
  const form = async ({ message }: { readonly message: string }) => {
    if (!message.startsWith(`${name}.`))
      oracle.violate('no crossing', `${name} is asked ${message}`);
    asked++;
    await process.sleep(dice.pick([0, 100, 3000]));
    asked--;
    return dice.chance(0.1) ? 'decline' : { op: message };
  };
  /** What is left of a client that has vanished opens nothing more. */
  const ifAlive = async <T>(open: () => T | Promise<T>): Promise<T> =>
    process.isDead ? new Promise<T>(() => undefined) : open();
  return {
    async connect() {
      const parts = readOptions({
        ...options.connect,
        ...{ platform, limits: options.limits, answers: { form }, cache: false },
        onWarning: (warning) => oracle.note(`${name} is warned: ${warning}`),
      });
      const { way } = options;
      const links: Link[] = [];
      const open = async (): Promise<Link> => {
        const link = 'send' in way ? overHttp(way.send) : await overPipes(way.start);
        links.push(link);
        return link;
      };
      const overHttp = (send: HttpSend): Link =>
        httpLink({ url, send: (request) => ifAlive(() => send(request)), limits, platform });
      const overPipes = (start: () => Child): Promise<Link> =>
        supervise({
          ...parts,
          onWarning: parts.options.onWarning,
          start: () => ifAlive(() => pipeLink(start().pipe, limits, process.clock)),
        });
      const opener: ClosableOpener = {
        open,
        isHttp: 'send' in way,
        async close() {
          await Promise.all(links.splice(0).map((link) => link.close()));
        },
      };
      try {
        return await findEra(opener, parts);
      } catch (thrown) {
        await opener.close();
        throw thrown;
      }
    },
    get asked() {
      return process.isDead ? 0 : asked;
    },
  };
}
