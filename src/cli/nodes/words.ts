import type { IpcPort } from '../../stores/ipc/words.js';

/** The variable by which a worker of `serve --nodes` knows its name. */
export const nodeVariable = 'SALLYPORT_NODE';

/** What a worker says of itself. */
export interface Listening {
  readonly is: 'listening';
  readonly url: string;
  readonly port: number;
}

/** Something that sends and hears values: `process` in a worker, a worker in the primary. */
export interface Channel {
  send?(message: unknown, done?: (error: Error | null) => void): unknown;
  on(event: 'message', heard: (message: unknown) => void): unknown;
}

/** The part of a channel that a store uses; the rest is about the process. */
export function storePort(channel: Channel): IpcPort {
  return {
    // Who is gone is noticed by its end; nobody waits for what it is sent.
    send: (message) => void channel.send?.({ is: 'store', message }, () => undefined),
    onMessage: (heard) =>
      void channel.on('message', (said) => {
        if (isStoreMessage(said)) heard(said.message);
      }),
  };
}

export function isSaid<Is extends string>(said: unknown, is: Is): said is { readonly is: Is } {
  return typeof said === 'object' && said !== null && (said as { is?: unknown }).is === is;
}

function isStoreMessage(said: unknown): said is { readonly message: unknown } {
  return isSaid(said, 'store');
}
