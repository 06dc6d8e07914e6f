/** What went wrong where nobody looks: rejections and exceptions that nothing handles. */

export interface Faults {
  /** The first since the last time, once this turn of the event loop is over. */
  take(): Promise<string | undefined>;
  stop(): void;
}

export function collectFaults(): Faults {
  const found: string[] = [];
  const note = (what: string) => (thrown: unknown) => {
    const text = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    found.push(`${what}: ${text}`);
  };
  const onRejection = note('unhandled rejection');
  const onException = note('uncaught exception');
  process.on('unhandledRejection', onRejection).on('uncaughtException', onException);
  return {
    async take() {
      await new Promise<void>((resolve) => setImmediate(resolve));
      return found.splice(0)[0];
    },
    stop() {
      process.off('unhandledRejection', onRejection).off('uncaughtException', onException);
    },
  };
}
