import { cancellingOf } from '../../engine/cancelling.js';
import { unlessAborted } from '../../engine/pending.js';
import type { Io } from '../../exchange.js';
import type { TaskState } from '../../protocol/tasks.js';
import type { FarReaders } from './far-readers.js';
import { noticesTo } from './notices.js';
import type { TaskRunner } from './runner.js';
import { stateOf } from './state-of.js';
import type { TaskTable } from './table.js';

export interface OutcomeParts {
  readonly runner: TaskRunner;
  readonly table: TaskTable;
  readonly farReaders: FarReaders;
}

/**
 * Waits until a task has ended or asks for something, whichever node works on it; what it says
 * meanwhile goes to `io`.
 */
export async function outcomeOf(
  id: string,
  io: Io,
  { runner, table, farReaders }: OutcomeParts,
): Promise<TaskState> {
  const cancelling = cancellingOf(io);
  const emit: Io['emit'] = (notification) => io.emit(notification);
  const reader = noticesTo(emit);
  const far = farReaders.open(emit);
  try {
    for (;;) {
      const change = table.changed(id);
      try {
        const { stored, live } = await runner.find(io, id);
        live?.work?.attach(reader);
        if (stored.status !== 'working') return stateOf(stored);
        if (live === undefined) await far.attach(stored);
        await unlessAborted(change.next, cancelling);
      } finally {
        change.stop();
      }
    }
  } finally {
    far.close();
  }
}
