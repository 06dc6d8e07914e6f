import type { AddressInfo } from 'node:net';

/** Tells the bench where this server listens and, when asked, how much CPU it has used. */
export function reportCpu(address: Pick<AddressInfo, 'port'> | string | null): void {
  if (typeof address !== 'object' || address === null) throw new Error('This server has no port');
  process.send?.({ port: address.port });
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    process.send?.({ cpuMicros: user + system });
  });
}
