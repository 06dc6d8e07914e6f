/** Asking by hand: a handler that returns its questions instead of awaiting them. */
import assert from 'node:assert/strict';
import { createServer, inputRequired, text } from 'sallyport';
import { run } from './run.js';

const server = createServer({ name: 'quiz', version: '1.0.0' });

// #region server
server.tool('quiz', { description: 'Asks until the answer is right.' }, (_args, call) => {
  const tries = Number(call.state ?? 0);
  const answer = call.responses['sum'] as { content?: { sum?: number } } | undefined;
  if (answer?.content?.sum === 4) return `Right, after ${tries} tries`;
  return inputRequired({
    requests: {
      sum: {
        method: 'elicitation/create',
        params: {
          mode: 'form',
          message: 'How much is 2 + 2?',
          requestedSchema: { type: 'object', properties: { sum: { type: 'integer' } } },
        },
      },
    },
    // Travels to the client and back, sealed.
    state: tries + 1,
  });
});
// #endregion

await run({
  url: import.meta.url,
  server,
  async check(connect) {
    let guess = 2;
    const client = await connect({ answers: { form: () => ({ sum: guess++ }) } });
    assert.deepEqual((await client.callTool('quiz')).content, [text('Right, after 3 tries')]);
    return 'a handler that returned its questions kept its state between them';
  },
});
