import type { Notification } from '../exchange.js';

/** What can change while a server runs. */
export type Change =
  | { readonly kind: 'tools' | 'prompts' | 'resources' }
  | { readonly kind: 'resource'; readonly uri: string }
  /** One thing, told to those who named it in a member of their filter. */
  | {
      readonly kind: 'item';
      readonly member: string;
      readonly item: string;
      readonly notification: Notification;
    };

/** Tells those who listen that something changed. Listeners must not throw. */
export interface Changes {
  tell(change: Change): void;
  listen(listener: (change: Change) => void): () => void;
}

export function createChanges(): Changes {
  const listeners = new Set<(change: Change) => void>();
  return {
    tell(change) {
      for (const listener of [...listeners]) listener(change);
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
