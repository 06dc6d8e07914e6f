import { describe, expect, test } from 'vitest';
import { memoryTasks } from '../../src/stores/memory-tasks.js';
import type { TaskStore } from '../../src/stores/task-store.js';
import { taskStoreContract } from '../../src/testing/index.js';

describe('tasks in memory keep the contract', () => {
  for (const { name, run } of taskStoreContract(memoryTasks)) test(name, () => run());
});

test.each<[string, (store: TaskStore) => Partial<TaskStore>]>([
  ['shows tasks to anybody', (store) => ({ get: (_owner, id) => store.get('ann', id) })],
  ['lets any node put', (store) => ({ put: (task) => store.put({ ...task, node: 'node 1' }) })],
  [
    'adds what is put',
    (store) => ({ put: async (task) => (await store.put(task)) || store.add(task, { max: 99 }) }),
  ],
  ['lets two claim', (store) => ({ claim: (owner, id) => store.get(owner, id) })],
  ['lets anybody in', (store) => ({ add: (task) => store.add(task, { max: 99 }) })],
  [
    'lists newest first',
    (store) => ({ list: async (...args) => (await store.list(...args)).toReversed() }),
  ],
  ['forgets nothing', () => ({ expire: () => ({ gone: [] }) })],
  [
    'tells nothing of what it forgot',
    (store) => ({ expire: async (now) => ({ ...(await store.expire(now)), gone: [] }) }),
  ],
])('the contract notices a store that %s', async (_what, breakIt) => {
  const open = (): TaskStore => {
    const store = memoryTasks();
    return { ...store, ...breakIt(store) };
  };
  const outcomes = await Promise.allSettled(taskStoreContract(open).map(({ run }) => run()));
  expect(outcomes.map(({ status }) => status)).toContain('rejected');
});
