import type { Pipe } from '../../../../src/engine/pipe.js';

/** What a pipe has delivered, and a way to wait for more of it. */
export interface Heard {
  readonly items: Item[];
  /** Resolves with the first item, past or future, that fits. */
  until(fits: (item: Item) => boolean): Promise<Item>;
}

export interface Item {
  readonly kind: 'message' | 'reject' | 'end';
  readonly what: unknown;
}

export function listen(pipe: Pipe): Heard {
  const items: Item[] = [];
  const waiters = new Set<() => void>();
  const add = (item: Item): void => {
    items.push(item);
    for (const wake of waiters) wake();
  };
  pipe.start({
    receive: (what) => add({ kind: 'message', what }),
    reject: (what) => add({ kind: 'reject', what }),
    end: (what) => add({ kind: 'end', what }),
  });
  return {
    items,
    until: (fits) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = items.find(fits);
          if (found === undefined) return;
          waiters.delete(look);
          resolve(found);
        };
        waiters.add(look);
        look();
      }),
  };
}

export const isEnd = (item: Item): boolean => item.kind === 'end';
export const isMessage = (item: Item): boolean => item.kind === 'message';
export const isReject = (item: Item): boolean => item.kind === 'reject';
