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

/** One who listens. It must not throw. */
export interface ChangeListener {
  hear(change: Change): void;
  /** Nobody knows what has changed, so that anything may have. */
  hearAnything(): void;
}

/** Tells those who listen that something changed. */
export interface Changes {
  tell(change: Change): void;
  listen(listener: ChangeListener): void;
  /** It listens no more. */
  ignore(listener: ChangeListener): void;
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
  const listeners = new Set<ChangeListener>();
  let others: ((change: Change) => void) | undefined;
  const tellHere = (change: Change): void => {
    for (const listener of [...listeners]) listener.hear(change);
  };
  return {
    tellHere,
    tellAnything() {
      for (const listener of [...listeners]) listener.hearAnything();
    },
    tell(change) {
      tellHere(change);
      others?.(change);
    },
    share(send) {
      others = send;
    },
    listen: (listener) => void listeners.add(listener),
    ignore: (listener) => void listeners.delete(listener),
  };
}

/** Only the newest of the changes with the same key matters. */
export function keyOf(change: Change): string {
  if (change.kind === 'resource') return `resource ${change.uri}`;
  return change.kind === 'item' ? `item ${change.member} ${change.item}` : change.kind;
}
