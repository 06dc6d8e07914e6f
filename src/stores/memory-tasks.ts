import { isTerminal } from '../protocol/tasks.js';
import type { StoredTask, TaskStore } from './task-store.js';

/** Tasks in this process only, as many as the server lets in. */
export function memoryTasks(): TaskStore {
  // In the order of their creation: a task that is put again keeps its place.
  const tasks = new Map<string, StoredTask>();
  const perOwner = new Map<string, number>();

  const change = (owner: string, by: number): void => {
    const count = (perOwner.get(owner) ?? 0) + by;
    if (count === 0) perOwner.delete(owner);
    else perOwner.set(owner, count);
  };
  const find = (owner: string, id: string): StoredTask | undefined => {
    const task = tasks.get(id);
    return task?.owner === owner ? task : undefined;
  };

  return {
    add(task, { max, perOwnerMax = Infinity }) {
      if (tasks.size >= max || (perOwner.get(task.owner) ?? 0) >= perOwnerMax) return false;
      change(task.owner, 1);
      tasks.set(task.id, task);
      return true;
    },
    put(task) {
      if (find(task.owner, task.id)?.node !== task.node) return false;
      tasks.set(task.id, task);
      return true;
    },
    claim(owner, id, from, to) {
      const task = find(owner, id);
      if (task?.node !== from || isTerminal(task.status)) return undefined;
      const claimed = { ...task, node: to };
      tasks.set(id, claimed);
      return claimed;
    },
    get: find,
    list(owner, after, count) {
      const found: StoredTask[] = [];
      let isPast = after === undefined;
      for (const task of tasks.values()) {
        if (found.length === count) break;
        if (isPast && task.owner === owner) found.push(task);
        isPast ||= task.id === after;
      }
      return found;
    },
    expire(now) {
      const gone: string[] = [];
      let nextAt = Infinity;
      for (const { id, owner, createdAt, ttlMs } of tasks.values()) {
        const endsAt = createdAt + ttlMs;
        if (endsAt > now) {
          nextAt = Math.min(nextAt, endsAt);
          continue;
        }
        tasks.delete(id);
        change(owner, -1);
        gone.push(id);
      }
      return nextAt === Infinity ? { gone } : { gone, nextAt };
    },
  };
}
