/** Tasks: a call is answered by a handle at once, and its result is fetched when it is there. */
import assert from 'node:assert/strict';
import { createServer, tasks, withTasks } from 'sallyport';
import { z } from 'zod';
import { run } from './run.js';

// #region server
const server = createServer({ name: 'press', version: '1.0.0', extensions: [tasks()] });

server.tool(
  'print',
  {
    description: 'Prints a book.',
    input: z.object({ title: z.string() }),
    task: { ttlMs: 3_600_000, pollIntervalMs: 200 },
  },
  async ({ title }, call) => {
    await call.progress(1, { of: 2, message: 'Setting the type' });
    const { copies } = await call.ask.form('copies', 'How many copies?', order);
    return `${copies} copies of ${title}`;
  },
);

const order = z.object({ copies: z.int().min(1) });
// #endregion

await run({
  url: import.meta.url,
  server,
  async check(connect) {
    // #region client
    const client = await connect({
      extensions: [withTasks()],
      answers: { form: () => ({ copies: 40 }) },
    });
    let taskId = '';
    const result = await client.callTool(
      'print',
      { title: 'Walden' },
      { onTask: (task) => (taskId = task.taskId) },
    );
    // #endregion
    assert.deepEqual(result.content, [{ type: 'text', text: '40 copies of Walden' }]);

    // #region later
    const task = await client.tasks.get(taskId);
    const again = await client.tasks.result(taskId);
    await client.tasks.cancel(taskId);
    // #endregion
    assert.equal(task.status, 'completed');
    assert.deepEqual(again.content, result.content);
    server.close();
    return 'a call became a task, asked its question, and was followed to its result';
  },
});
