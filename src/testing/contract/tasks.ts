import type { StoredTask, TaskStore } from '../../stores/task-store.js';
import { atOnce, type Cases, cases, type ContractCase, same } from './cases.js';

/** What a TaskStore must do. `open` makes an empty one for each case. */
export function taskStoreContract(
  open: () => TaskStore | Promise<TaskStore>,
): readonly ContractCase[] {
  return cases({ ...keeping, ...counting, ...claiming, ...expiring }, open);
}

export function taskOf(id: string, owner = 'ann', changes: Partial<StoredTask> = {}): StoredTask {
  return {
    ...{ id, owner, node: 'node 1', createdAt: 1000, updatedAt: 1000, ttlMs: 500 },
    ...{ pollIntervalMs: 100, status: 'working', restartable: false, keys: [] },
    ...{ request: { method: 'tools/call', params: { name: 'x' } }, caller: { era: 'modern' } },
    ...changes,
  };
}

const roomy = { max: 100, perOwnerMax: 100 };

async function addAll(store: TaskStore, tasks: readonly StoredTask[]): Promise<void> {
  for (const task of tasks) same(await store.add(task, roomy), true, `added ${task.id}`);
}

async function idsOf(
  store: TaskStore,
  owner: string,
  after: string | undefined,
  count: number,
): Promise<readonly string[]> {
  return (await store.list(owner, after, count)).map(({ id }) => id);
}

const keeping: Cases<TaskStore> = {
  async 'a task is found by its owner, whole'(store) {
    const task = taskOf('1', 'ann', {
      statusMessage: 'half "way" \u2028 🎉',
      scopes: ['a', 'b'],
      state: { step: 2, deep: [null, { x: 1.5 }] },
      questions: { k1: { key: 'who', question: { method: 'elicitation/create', params: {} } } },
      answers: { other: { action: 'accept' } },
      keys: ['k0', 'k1'],
      result: { content: [{ type: 'text', text: 'ü' }] },
      error: { code: -32603, message: 'Internal error', data: [1] },
    });
    await addAll(store, [task]);
    same(await store.get('ann', '1'), task, 'own');
    for (const name of ['bob', 'Ann', 'ann\0', 'ann ', '']) {
      same(await store.get(name, '1'), undefined, JSON.stringify(name));
    }
    same(await store.get('ann', '2'), undefined, 'unknown');
  },
  async 'what became of a task takes its place'(store) {
    await addAll(store, [taskOf('1'), taskOf('2')]);
    const done = taskOf('1', 'ann', { status: 'completed', updatedAt: 1200, result: { x: 1 } });
    same(await store.put(done), true, 'put');
    same(await store.get('ann', '1'), done, 'kept');
    same(await idsOf(store, 'ann', undefined, 10), ['1', '2'], 'in its place');
    same(await store.put({ ...done, node: 'node 2', updatedAt: 9 }), false, 'as another node');
    same(await store.put({ ...done, owner: 'bob', updatedAt: 9 }), false, 'as another owner');
    same(await store.put(taskOf('3')), false, 'unknown');
    same(await store.get('ann', '1'), done, 'still');
    same(await store.get('ann', '3'), undefined, 'still unknown');
    same(await idsOf(store, 'bob', undefined, 10), [], 'of another owner');
  },
  async 'tasks of one owner are listed in the order of their creation, page by page'(store) {
    // Neither the order of ids nor that of times, which may be the same.
    const ids = ['9', '10', 'b', 'a', '1'];
    for (const id of ids) await addAll(store, [taskOf(id), taskOf(`${id} of bob`, 'bob')]);
    same(await idsOf(store, 'ann', undefined, 10), ids, 'all');
    same(await idsOf(store, 'ann', undefined, 2), ids.slice(0, 2), 'the first page');
    same(await idsOf(store, 'ann', '10', 2), ids.slice(2, 4), 'the next');
    same(await idsOf(store, 'ann', 'a', 2), ids.slice(4), 'the last');
    same(await idsOf(store, 'ann', '1', 2), [], 'after the last');
    same(await idsOf(store, 'ann', undefined, 0), [], 'none');
    same(await idsOf(store, 'carol', undefined, 10), [], "nobody's");
  },
};

const counting: Cases<TaskStore> = {
  async 'there are so many tasks, and so many of one owner'(store) {
    const few = { max: 3, perOwnerMax: 2 };
    same(await store.add(taskOf('1'), few), true, 'the first');
    same(await store.add(taskOf('2'), few), true, 'at the bound of its owner');
    same(await store.add(taskOf('3'), few), false, 'past it');
    same(await store.add(taskOf('4', 'bob'), few), true, 'at the bound of all');
    same(await store.add(taskOf('5', 'bob'), few), false, 'past it');
    for (const [owner, id] of [['ann', '3'] as const, ['bob', '5'] as const]) {
      same(await store.get(owner, id), undefined, 'what there was no room for');
    }
    same((await store.expire(1500)).gone.toSorted(), ['1', '2', '4'], 'over');
    same(await store.add(taskOf('3'), few), true, 'in the room of others');
  },
  async 'where everybody is the same owner, all are counted'(store) {
    const few = { max: 2 };
    same(await store.add(taskOf('1'), few), true, 'the first');
    same(await store.add(taskOf('2'), few), true, 'at the bound');
    same(await store.add(taskOf('3'), few), false, 'past it');
  },
  async 'as many as there is room for are added, all at once or not'(store) {
    const tasks = Array.from({ length: 20 }, (_, at) => taskOf(`${at}`));
    const few = { max: 100, perOwnerMax: 5 };
    const outcomes = await atOnce(tasks, (task) => store.add(task, few));
    same(outcomes.filter(Boolean).length, 5, 'added');
  },
};

const claiming: Cases<TaskStore> = {
  async 'a task is claimed from its node, once, while it goes on'(store) {
    await addAll(store, [taskOf('1')]);
    same(await store.claim('ann', '1', 'node 2', 'node 3'), undefined, 'from another');
    same(await store.claim('bob', '1', 'node 1', 'node 3'), undefined, "another's");
    same(await store.claim('ann', '2', 'node 1', 'node 3'), undefined, 'unknown');
    const claimed = taskOf('1', 'ann', { node: 'node 2' });
    same(await store.claim('ann', '1', 'node 1', 'node 2'), claimed, 'from its node');
    same(await store.claim('ann', '1', 'node 1', 'node 3'), undefined, 'again');
    same(await store.get('ann', '1'), claimed, 'kept');
    same(await store.put(taskOf('1')), false, 'put by the node before');
    same(await store.put({ ...claimed, status: 'completed' }), true, 'put by its node');
    same(await store.claim('ann', '1', 'node 2', 'node 3'), undefined, 'at its end');
  },
  async 'a task that waits for answers can be claimed, one that has ended cannot'(store) {
    for (const status of ['input_required', 'completed', 'failed', 'cancelled'] as const) {
      await addAll(store, [taskOf(status, 'ann', { status })]);
      const claimed = await store.claim('ann', status, 'node 1', 'node 2');
      same(claimed?.node, status === 'input_required' ? 'node 2' : undefined, status);
    }
  },
  async 'of several nodes that claim at the same time, one gets it'(store) {
    await addAll(store, [taskOf('1')]);
    const nodes = ['node 2', 'node 3', 'node 4'];
    const tasks = await atOnce(nodes, (to) => store.claim('ann', '1', 'node 1', to));
    const got = tasks.filter((task) => task !== undefined);
    same(got.length, 1, 'how many');
    same((await store.get('ann', '1'))?.node, got[0]?.node, 'its node');
  },
};

const expiring: Cases<TaskStore> = {
  async 'tasks whose time is over are forgotten, and told'(store) {
    same(await store.expire(0), { gone: [] }, 'none at all');
    await addAll(store, [
      taskOf('long', 'ann', { ttlMs: 5000 }),
      taskOf('short'),
      taskOf('other', 'bob', { createdAt: 1100 }),
    ]);
    same(await store.expire(1499), { gone: [], nextAt: 1500 }, 'not yet');
    same(await store.expire(1500), { gone: ['short'], nextAt: 1600 }, 'just over');
    same(await store.get('ann', 'short'), undefined, 'gone');
    same(await idsOf(store, 'ann', undefined, 10), ['long'], 'listed');
    same(await store.put(taskOf('short')), false, 'what comes late');
    same(await store.put(taskOf('other', 'bob', { createdAt: 1100, ttlMs: 9000 })), true, 'longer');
    same(await store.expire(1600), { gone: [], nextAt: 6000 }, 'kept for longer');
    const { gone, nextAt } = await store.expire(20_000);
    same(gone.toSorted(), ['long', 'other'], 'all');
    same(nextAt, undefined, 'when next');
  },
};
