import type { Io } from '../../exchange.js';
import { isJsonObject, type JsonObject } from '../../json-rpc/message.js';
import { isTerminal } from '../../protocol/tasks.js';
import type { StoredTask } from '../../stores/task-store.js';
import type { ExtensionHost } from '../extension.js';
import { unavailable } from '../../engine/unavailable.js';
import type { LiveTask } from './live-tasks.js';
import { acceptAnswers } from './questions.js';
import { cancelled, type TaskRunner } from './runner.js';
import type { TaskTable } from './table.js';

/** What the owner of a task may do to it, whichever node works on it. */
export type Deed =
  | { readonly kind: 'cancel' }
  | { readonly kind: 'answer'; readonly responses: JsonObject };

export interface Deeds {
  /** Resolves once it is done, and stored. A task that has ended is left alone. */
  act(io: Io, id: string, deed: Deed): Promise<void>;
  close(): void;
}

const topic = 'task';

export function createDeeds(table: TaskTable, runner: TaskRunner, host: ExtensionHost): Deeds {
  /** False when the task has become another node's. */
  const actHere = (task: LiveTask, deed: Deed): Promise<boolean> => {
    if (deed.kind === 'answer') {
      return table.change(task, () => acceptAnswers(task, deed.responses), 'atOnce');
    }
    task.work?.flight.end('cancelled');
    return table.change(task, cancelled);
  };
  const actThere = async ({ owner, id, node }: StoredTask, deed: Deed): Promise<boolean> => {
    try {
      return await host.kept.now().cluster.ask(node, topic, { owner, id, ...deed });
    } catch (cause) {
      throw unavailable('The node that works on the task cannot be reached', cause);
    }
  };
  const close = host.kept.onShared(({ cluster }) =>
    cluster.hear(topic, async (body) => {
      const deed = readDeed(body);
      const task = table.liveOf(String(body['id']));
      if (deed === undefined || task === undefined) return false;
      if (task.stored.owner !== body['owner']) return false;
      return actHere(task, deed);
    }),
  );

  return {
    async act(io, id, deed) {
      let gone: string | undefined;
      for (let moves = 0; moves <= host.limits.taskMovesMax; moves++) {
        const { stored, live } = await runner.find(io, id, gone);
        if (live === undefined && isTerminal(stored.status)) return;
        const isDone = await (live === undefined ? actThere(stored, deed) : actHere(live, deed));
        if (isDone) return;
        // It has ended since it was found, or another node has it, or none.
        gone = live === undefined ? stored.node : undefined;
      }
      throw unavailable('The task changes hands');
    },
    close,
  };
}

/** What another node asks for, as far as it is understood. */
function readDeed({ kind, responses }: JsonObject): Deed | undefined {
  if (kind === 'cancel') return { kind };
  if (kind !== 'answer' || !isJsonObject(responses)) return undefined;
  return Object.values(responses).every(isJsonObject) ? { kind, responses } : undefined;
}
