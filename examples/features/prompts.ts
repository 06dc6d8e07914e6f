/** Prompts: texts that a user chooses, with arguments to fill in. */
import assert from 'node:assert/strict';
import { createServer, text } from 'sallyport';
import { z } from 'zod';
import { run } from './run.js';

const server = createServer({ name: 'writer', version: '1.0.0' });

// #region server
const input = z.object({
  code: z.string(),
  tone: z.string().optional().describe('Kind or strict'),
});

server.prompt('review', { title: 'Review', input }, ({ code, tone = 'kind' }) => ({
  description: `A ${tone} review`,
  messages: [
    { role: 'user', content: text(`Review this, and be ${tone}: ${code}`) },
    { role: 'assistant', content: text('I begin with what is good about it.') },
  ],
}));

// A string is one message of the user.
server.prompt('hello', {}, () => 'Say hello.');
// #endregion

await run({
  url: import.meta.url,
  server,
  async check(connect) {
    // #region client
    const client = await connect();
    const [review] = await client.listPrompts();
    const filled = await client.getPrompt('review', { code: 'let a = 1' });
    // #endregion
    assert.deepEqual(review?.arguments, [
      { name: 'code', required: true },
      { name: 'tone', description: 'Kind or strict', required: false },
    ]);
    assert.equal(filled.description, 'A kind review');
    assert.deepEqual(filled.messages[0]?.content, text('Review this, and be kind: let a = 1'));

    const { messages } = await client.getPrompt('hello');
    assert.deepEqual(messages, [{ role: 'user', content: text('Say hello.') }]);
    await assert.rejects(client.getPrompt('review'), /Invalid arguments: code/);
    return 'prompts were listed and filled in, and one without its argument was refused';
  },
});
