import type { Limits } from '../limits.js';

/**
 * Counts how often a person is asked to allow more, on one connection and for one operation of it:
 * says no when a server goes on wanting something else each time.
 */
export function createStepUps(
  limits: Pick<Limits, 'stepUpsMax' | 'authorizationsMax'>,
): (operation: string | undefined) => boolean {
  const tried = new Map<string, number>();
  let all = 0;
  return (operation) => {
    const before = operation === undefined ? 0 : (tried.get(operation) ?? 0);
    if (all >= limits.stepUpsMax || before >= limits.authorizationsMax) return false;
    all++;
    if (operation !== undefined) tried.set(operation, before + 1);
    return true;
  };
}
