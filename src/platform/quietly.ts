/** Tells a log. One that fails must not take anything else with it. */
export function quietly(tell: () => void): void {
  try {
    tell();
  } catch {
    // There is nobody left to tell.
  }
}
