/** Asking the caller's language model. */
import assert from 'node:assert/strict';
import { createServer, text, ToolError } from 'sallyport';
import { z } from 'zod';
import { run } from './run.js';

const server = createServer({ name: 'summaries', version: '1.0.0' });

// #region server
const input = z.object({ document: z.string() });

server.tool('summarize', { description: 'Summarizes.', input }, async ({ document }, call) => {
  const { content } = await call.ask.sample('summary', {
    messages: [{ role: 'user', content: text(`In one sentence: ${document}`) }],
    maxTokens: 100,
  });
  if ('type' in content && content.type === 'text') return content.text;
  throw new ToolError('No text came back');
});
// #endregion

await run({
  url: import.meta.url,
  server,
  async check(connect) {
    // #region client
    const client = await connect({
      answers: {
        // Show the user what a server wants to say to your model, and let them say no.
        sample: ({ messages, maxTokens }) => ({
          role: 'assistant',
          model: 'tiny',
          content: text(`${messages.length} message, at most ${maxTokens} tokens`),
        }),
      },
    });
    // #endregion
    const result = await client.callTool('summarize', { document: 'A long story' });
    assert.deepEqual(result.content, [text('1 message, at most 100 tokens')]);
    return "a tool asked the caller's model";
  },
});
