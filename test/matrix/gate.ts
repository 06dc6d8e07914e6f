/** Where handlers wait until a test lets them go on, one after the other. */
export interface Gate {
  /** Called by a handler: resolves when it is let go. */
  pass(): Promise<void>;
  /** Resolves as soon as somebody waits. */
  reached(): Promise<void>;
  /** Lets the one who waits longest go on, once there is one. */
  open(): Promise<void>;
  /** Lets all go who wait now. */
  openAll(): void;
}

export function createGate(): Gate {
  let waiting: (() => void)[] = [];
  let arrived = (): void => undefined;
  const gate: Gate = {
    pass: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
        arrived();
      }),
    async reached() {
      while (waiting.length === 0) await new Promise<void>((resolve) => (arrived = resolve));
    },
    async open() {
      await gate.reached();
      waiting.shift()?.();
    },
    openAll() {
      const all = waiting;
      waiting = [];
      for (const letGo of all) letGo();
    },
  };
  return gate;
}
