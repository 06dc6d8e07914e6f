import type { Connection } from './connection.js';

type Heard = (text?: string) => void;

/** What is heard on channels, by one connection for all of them. */
export interface Subscriber {
  /**
   * Calls `heard` for each message, and without one when some may have been missed. Resolves when
   * it listens, with what ends that.
   */
  subscribe(channel: string, heard: Heard): Promise<() => void>;
}

interface Channel {
  readonly listeners: Set<Heard>;
  /** Rejects when Redis was not told. */
  readonly isOpen: Promise<unknown>;
}

/** Channels in one command, when all are taken up again. */
const channelsPerCommand = 1000;

export function createSubscriber(connection: Connection): Subscriber {
  const channels = new Map<string, Channel>();

  const tell = (name: string, text?: string): void => {
    for (const heard of [...(channels.get(name)?.listeners ?? [])]) heard(text);
  };
  connection.redis.on('message', tell);
  const resume = async (): Promise<void> => {
    const names = [...channels.keys()];
    for (let at = 0; at < names.length; at += channelsPerCommand) {
      await connection.call('subscribe', ...names.slice(at, at + channelsPerCommand));
    }
    for (const name of names) tell(name);
  };
  connection.onReady(() => {
    // Half of them would be worse than none: those that listen think that they hear.
    resume().catch(() => connection.renew());
  });
  const leave = (name: string, channel: Channel, heard: Heard): void => {
    channel.listeners.delete(heard);
    if (channel.listeners.size > 0 || channels.get(name) !== channel) return;
    channels.delete(name);
    // Where there is no connection, there is nothing to end.
    connection.call('unsubscribe', name).catch(() => undefined);
  };

  return {
    async subscribe(name, heard) {
      let channel = channels.get(name);
      if (channel === undefined) {
        channel = { listeners: new Set(), isOpen: connection.call('subscribe', name) };
        channels.set(name, channel);
      }
      channel.listeners.add(heard);
      try {
        await channel.isOpen;
      } catch (thrown) {
        leave(name, channel, heard);
        throw thrown;
      }
      const taken = channel;
      return () => leave(name, taken, heard);
    },
  };
}
