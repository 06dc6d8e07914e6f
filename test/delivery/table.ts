import type { ChaosFigures } from './chaos.js';

/** Prints what became of all events, for each kind of client. */
export function showTable(store: string, figures: ChaosFigures): void {
  const { proxy, byClient, all, forgotten, seconds } = figures;
  console.log(
    `${store}: ${proxy.cuts} cuts (${proxy.fin} FIN, ${proxy.rst} RST; ` +
      `${proxy.towardsClient} towards clients, ${proxy.towardsServer} towards servers; ` +
      `${proxy.stalled} stalled, ${proxy.blackholed} blackholed before), ` +
      `${proxy.delayed} connections delayed, ${Math.round(seconds)} s; ` +
      `official clients had forgotten their place ${forgotten} times`,
  );
  console.table({ ...byClient, all });
}
