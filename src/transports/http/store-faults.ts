import { McpError } from '../../errors.js';

/** What a store is needed for cannot be done without it, and may be tried again. */
export type OrUnavailable = <T>(step: () => T | Promise<T>) => Promise<T>;

/** `onFault` is told what the store threw, which callers are not. */
export function orUnavailableTelling(
  what: string,
  onFault: (cause: unknown) => void,
): OrUnavailable {
  return async (step) => {
    try {
      return await step();
    } catch (cause) {
      if (cause instanceof McpError) throw cause;
      onFault(cause);
      throw new McpError('unavailable', `${what} just now; try again`, { cause });
    }
  };
}

/** What a store throws or rejects with goes to `onFault`, where nobody else waits for it. */
export function orReport(
  step: () => void | Promise<void>,
  onFault: (cause: unknown) => void,
): void | Promise<void> {
  try {
    const done = step();
    return done === undefined ? undefined : done.catch(onFault);
  } catch (cause) {
    onFault(cause);
  }
}
