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
      /** Absent where another node told of it, and it is long: see `ListenMember.look`. */
      readonly notification?: Notification;
    };

/** Tells those who listen that something changed. Listeners must not throw. */
export interface Changes {
  tell(change: Change): void;
  /** `onAnything`: nobody knows what has changed, so that anything may have. */
  listen(listener: (change: Change) => void, onAnything: () => void): () => void;
}

/** Changes of a server that others may share. */
export interface SharedChanges extends Changes {
  /** What another node has told of. */
  tellHere(change: Change): void;
  /** What another node has told of was missed. */
  tellAnything(): void;
  /** From now on, what changes here is handed to `send` as well. */
  share(send: (change: Change) => void): void;
}

export function createChanges(): SharedChanges {
  const listeners = new Map<(change: Change) => void, () => void>();
  let others: ((change: Change) => void) | undefined;
  const tellHere = (change: Change): void => {
    for (const listener of [...listeners.keys()]) listener(change);
  };
  return {
    tellHere,
    tellAnything() {
      for (const onAnything of [...listeners.values()]) onAnything();
    },
    tell(change) {
      tellHere(change);
      others?.(change);
    },
    share(send) {
      others = send;
    },
    listen(listener, onAnything) {
      listeners.set(listener, onAnything);
      return () => listeners.delete(listener);
    },
  };
}

/** Only the newest of the changes with the same key matters. */
export function keyOf(change: Change): string {
  if (change.kind === 'resource') return `resource ${change.uri}`;
  return change.kind === 'item' ? `item ${change.member} ${change.item}` : change.kind;
}
