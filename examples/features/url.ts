/** Asking the user to open a page: for secrets that must not pass through the client. */
import assert from 'node:assert/strict';
import { createServer, text } from 'sallyport';
import { run } from './run.js';

const server = createServer({ name: 'bank', version: '1.0.0' });

// #region server
server.tool('connect', { description: 'Connects a bank account.' }, async (_args, call) => {
  const page = 'https://bank.example/connect?ticket=1234';
  await call.ask.url('consent', 'Your bank wants to know that it is you.', page);
  // The user agreed to open the page. Whether they are done there, only the bank knows.
  return 'Waiting for the bank';
});
// #endregion

await run({
  url: import.meta.url,
  server,
  async check(connect) {
    const shown: string[] = [];

    // #region client
    const client = await connect({
      answers: {
        url({ message, url }) {
          // Show all of it, and open it only when the user says so. Never fetch it yourself.
          shown.push(`${message} ${url}`);
          return true;
        },
      },
    });
    // #endregion
    const result = await client.callTool('connect');
    assert.deepEqual(result.content, [text('Waiting for the bank')]);
    assert.deepEqual(shown, [
      'Your bank wants to know that it is you. https://bank.example/connect?ticket=1234',
    ]);

    const careful = await connect({ answers: { url: () => false } });
    const declined = await careful.callTool('connect');
    assert.equal(declined.isError, true);
    return 'the user saw the whole address, and agreed or declined';
  },
});
