import type { Io } from '../../exchange.js';
import { toBase64Url } from '../../platform/random.js';
import type { Cluster } from '../../stores/cluster-store.js';
import type { StoredTask } from '../../stores/task-store.js';
import type { ExtensionHost } from '../extension.js';
import { readNotification } from '../shared-changes.js';
import { noticesTo } from './notices.js';
import type { TaskTable } from './table.js';

/** What tasks say of themselves, for those who wait for them on another node. */
export interface FarReaders {
  open(emit: Io['emit']): FarReader;
  close(): void;
}

export interface FarReader {
  /** Has the node of a task send what nobody has read yet, and what comes. */
  attach(stored: StoredTask): Promise<void>;
  close(): void;
}

const attaching = 'task reader';
const saying = 'task notice';
const idBytes = 9;

export function createFarReaders(table: TaskTable, host: ExtensionHost): FarReaders {
  const { random } = host.platform;
  const readers = new Map<string, Io['emit']>();

  const emitTo = (cluster: Cluster, node: string, reader: string): Io['emit'] => {
    let isGone = false;
    return (notification) => {
      if (isGone) return undefined;
      return cluster.ask(node, saying, { reader, notification }).then(
        (isRead) => void (isGone = !isRead),
        // What is lost on the way is progress: the task itself is in the store.
        () => undefined,
      );
    };
  };

  const close = host.kept.onShared(({ cluster }) => {
    const stops = [
      cluster.hear(attaching, ({ owner, id, node, reader }) => {
        const task = table.liveOf(String(id));
        if (task?.work === undefined || task.stored.owner !== owner) return false;
        const emit = emitTo(cluster, String(node), String(reader));
        task.work.attach(noticesTo(emit));
        return true;
      }),
      cluster.hear(saying, async ({ reader, notification }) => {
        const emit = readers.get(String(reader));
        const said = readNotification(notification);
        if (emit === undefined || said === undefined) return false;
        await emit(said);
        return true;
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  });

  return {
    open(emit) {
      const reader = toBase64Url(random.bytes(idBytes));
      let attachedTo: string | undefined;
      return {
        async attach({ owner, id, node }) {
          if (attachedTo === node) return;
          attachedTo = node;
          readers.set(reader, emit);
          const { cluster } = host.kept.now();
          const body = { owner, id, node: cluster.self, reader };
          // Without what it says meanwhile, its end can still be waited for.
          await cluster.ask(node, attaching, body).catch(() => false);
        },
        close: () => readers.delete(reader),
      };
    },
    close,
  };
}
