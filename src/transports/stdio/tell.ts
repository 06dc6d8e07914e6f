/**
 * Tells a function of the user's. What it throws is no business of the server's, and nobody up here
 * could catch it: the first time it becomes a warning of the process, which ends nothing.
 */
export function tell(listener: ((text: string) => void) | undefined, text: string): void {
  if (listener === undefined) return;
  try {
    listener(text);
  } catch (error) {
    if (reported.has(listener)) return;
    reported.add(listener);
    process.emitWarning(`A listener has thrown: ${String(error)}`, 'SallyportWarning');
  }
}

const reported = new WeakSet<object>();
