/** When a load ends: a number of calls for what is counted, a time for what is measured. */

export interface Until {
  /** After so many calls; without it, when the time is over. */
  readonly calls?: number;
  readonly ms?: number;
  /** Goes on for up to three times as long until this number of calls was answered. */
  readonly atLeast?: number;
}

export function endOf({
  calls = Infinity,
  ms = Infinity,
  atLeast = 0,
}: Until): (sent: number, answered: number) => boolean {
  const begin = performance.now();
  return (sent, answered) => {
    if (sent >= calls) return true;
    const taken = performance.now() - begin;
    return taken >= 3 * ms || (taken >= ms && answered >= atLeast);
  };
}
