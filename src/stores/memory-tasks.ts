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

  return {
    put(task) {
      if (!tasks.has(task.id)) change(task.owner, 1);
      tasks.set(task.id, task);
    },
    get(owner, id) {
      const task = tasks.get(id);
      return task?.owner === owner ? task : undefined;
    },
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
    count: (owner) => (owner === undefined ? tasks.size : (perOwner.get(owner) ?? 0)),
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
