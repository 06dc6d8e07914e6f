import { isTerminal } from '../../protocol/tasks.js';
import type { StoredTask, TaskStore } from '../task-store.js';
import type { Database } from './database.js';
import type { Row } from './driver.js';
import type { Reader } from './row.js';
import { toText } from './text.js';

export function sqliteTasks(database: Database, read: Reader): TaskStore {
  const sql = statementsOf(database);
  const count = (row: Row | undefined): number => read.number(row, 'count');
  const find = (owner: string, id: string): StoredTask | undefined => {
    const row = sql.find.get(toText(id), toText(owner));
    return row === undefined ? undefined : readTask(row, read);
  };
  const put = (task: StoredTask, from: string): boolean => {
    const { id, owner, node, createdAt, ttlMs } = task;
    const changed = [toText(node), createdAt + ttlMs, JSON.stringify(task)];
    return sql.put.run(...changed, toText(id), toText(owner), toText(from)) === 1;
  };

  return {
    add(task, { max, perOwnerMax = Infinity }) {
      const { id, owner, node, createdAt, ttlMs } = task;
      return database.whole(() => {
        if (count(sql.count.get()) >= max) return false;
        if (count(sql.countOf.get(toText(owner))) >= perOwnerMax) return false;
        const names = [toText(id), toText(owner), toText(node)];
        sql.add.run(...names, createdAt + ttlMs, JSON.stringify(task));
        return true;
      });
    },
    put: (task) => put(task, task.node),
    claim(owner, id, from, to) {
      return database.whole(() => {
        const task = find(owner, id);
        if (task?.node !== from || isTerminal(task.status)) return undefined;
        const claimed = { ...task, node: to };
        return put(claimed, from) ? claimed : undefined;
      });
    },
    get: find,
    list(owner, after, max) {
      const rows =
        after === undefined
          ? sql.list.all(toText(owner), max)
          : sql.listAfter.all(toText(owner), toText(after), max);
      return rows.map((row) => readTask(row, read));
    },
    expire(now) {
      const gone = database.whole(() => {
        const over = sql.over.all(now).map((row) => read.text(row, 'id'));
        if (over.length > 0) sql.forget.run(now);
        return over;
      });
      const next = sql.next.get();
      return next === undefined ? { gone } : { gone, nextAt: read.number(next, 'ends_at') };
    },
  };
}

function readTask(row: Row, read: Reader): StoredTask {
  const [id, owner, node] = ['id', 'owner', 'node'].map((name) => read.text(row, name));
  return read.object(row, 'record', { id, owner, node }) as unknown as StoredTask;
}

function statementsOf({ prepare }: Database) {
  const own = 'where id = ? and owner = ?';
  const next = 'order by place limit ?';
  return {
    find: prepare(`select * from task ${own}`),
    add: prepare('insert into task (id, owner, node, ends_at, record) values (?, ?, ?, ?, ?)'),
    put: prepare(`update task set node = ?, ends_at = ?, record = ? ${own} and node = ?`),
    list: prepare(`select * from task where owner = ? ${next}`),
    listAfter: prepare(
      `select * from task where owner = ? and place > (select place from task where id = ?)
      ${next}`,
    ),
    count: prepare('select count(*) as count from task'),
    countOf: prepare('select count(*) as count from task where owner = ?'),
    over: prepare('select id from task where ends_at <= ?'),
    forget: prepare('delete from task where ends_at <= ?'),
    next: prepare('select ends_at from task order by ends_at limit 1'),
  };
}
