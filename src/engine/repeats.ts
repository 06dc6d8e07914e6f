import type { Notification } from '../exchange.js';

/**
 * A handler that is entered again after a question repeats what it sent before. Whoever sees all
 * rounds as one call sees each notice once: progress that grows, and log messages by their number.
 */
export interface Repeats {
  nextRound(): void;
  /** Whether an earlier round has brought this notification. */
  isRepeat(notification: Notification): boolean;
}

export function createRepeats(): Repeats {
  let progressSeen = -Infinity;
  let logsSeen = 0;
  let logsThisRound = 0;
  return {
    nextRound() {
      logsThisRound = 0;
    },
    isRepeat({ method, params }) {
      if (method === 'notifications/progress') {
        const progress = params?.['progress'] as number;
        if (progress <= progressSeen) return true;
        progressSeen = progress;
      } else if (method === 'notifications/message') {
        if (++logsThisRound <= logsSeen) return true;
        logsSeen = logsThisRound;
      }
      return false;
    },
  };
}
