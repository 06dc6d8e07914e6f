import type { Pipe, PipeReceiver } from '../engine/pipe.js';
import type { Message } from '../json-rpc/message.js';
import type { Clock } from '../platform/clock.js';

/**
 * Two ends plugged together. A message crosses in order and never within the call that sends it: as
 * a microtask or, given a clock, in the clock's next turn, so that a test owns the schedule. The
 * very object that was sent arrives, frozen or not: neither side may change it afterwards.
 */
export function memoryPipes(clock?: Clock): [Pipe, Pipe] {
  const later = clock === undefined ? queueMicrotask : (act: () => void) => clock.nextTurn(act);
  const link: Link = { closed: false, later };
  const [left, right] = [createInbox(link), createInbox(link)];
  return [createEnd(link, left, right), createEnd(link, right, left)];
}

/** How many messages may wait before a sender is asked to wait too. */
const waitingMessagesMax = 64;

interface Link {
  closed: boolean;
  readonly later: (action: () => void) => void;
}

/** What is on its way to one end. */
interface Inbox {
  start(receiver: PipeReceiver): void;
  put(message: Message | readonly Message[]): void | Promise<void>;
  /** Delivers what waits, or drops it, and then the end. */
  end(drop: boolean): void;
}

function createEnd(link: Link, own: Inbox, other: Inbox): Pipe {
  return {
    send(message) {
      if (!link.closed) return other.put(message);
    },
    start: (receiver) => own.start(receiver),
    close() {
      if (!link.closed) {
        link.closed = true;
        own.end(true);
        other.end(false);
      }
      return Promise.resolve();
    },
  };
}

function createInbox({ later }: Link): Inbox {
  let waiting: (Message | readonly Message[])[] = [];
  let receiver: PipeReceiver | undefined;
  let scheduled = false;
  let ending = false;
  let dropping = false;
  const room: (() => void)[] = [];

  const schedule = (): void => {
    if (scheduled || receiver === undefined) return;
    scheduled = true;
    later(deliver);
  };
  const deliver = (): void => {
    scheduled = false;
    const batch = waiting;
    waiting = [];
    for (const message of batch) {
      if (dropping) break;
      receiver?.receive(message);
    }
    for (const open of room.splice(0)) open();
    if (!ending) return;
    receiver?.end();
    receiver = undefined;
  };

  return {
    start(newReceiver) {
      receiver = newReceiver;
      if (ending || waiting.length > 0) schedule();
    },
    put(message) {
      waiting.push(message);
      schedule();
      if (waiting.length < waitingMessagesMax) return;
      return new Promise((resolve) => room.push(resolve));
    },
    end(drop) {
      ending = true;
      dropping = drop;
      if (drop) waiting = [];
      // Nobody who waits for room may wait for ever.
      for (const open of room.splice(0)) open();
      schedule();
    },
  };
}
