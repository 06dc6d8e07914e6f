/** Asking the user by a form, in the middle of a tool; and a user who says no. */
import assert from 'node:assert/strict';
import { AskDeclined, createServer, text } from 'sallyport';
import type { FormAnswer } from 'sallyport/client';
import { z } from 'zod';
import { run } from './run.js';

const server = createServer({ name: 'travel', version: '1.0.0' });

// #region server
const seat = z.object({
  row: z.int().min(1).max(30).default(12).describe('Row'),
  side: z.enum(['window', 'aisle']).describe('Where you sit'),
});

server.tool('book', { description: 'Books a seat.' }, async (_args, call) => {
  try {
    const { row, side } = await call.ask.form('seat', 'Which seat would you like?', seat);
    return `Row ${row}, ${side}`;
  } catch (thrown) {
    if (thrown instanceof AskDeclined && thrown.action === 'decline') return 'Any seat, then';
    throw thrown;
  }
});
// #endregion

await run({
  url: import.meta.url,
  server,
  async check(connect) {
    const bookWith = async (answer: FormAnswer) => {
      // #region client
      const client = await connect({
        answers: {
          form({ message, requestedSchema }) {
            assert.equal(message, 'Which seat would you like?');
            assert.deepEqual(Object.keys(requestedSchema.properties), ['row', 'side']);
            return answer;
          },
        },
      });
      // #endregion
      return client.callTool('book');
    };
    // The client fills in defaults for what the user left out.
    assert.deepEqual((await bookWith({ side: 'aisle' })).content, [text('Row 12, aisle')]);
    assert.deepEqual((await bookWith('decline')).content, [text('Any seat, then')]);
    // What a handler does not catch reaches the model as text.
    const { isError, content } = await bookWith('cancel');
    assert.deepEqual([isError, content], [true, [text('The user cancelled "seat"')]]);

    const unable = await connect();
    await assert.rejects(unable.callTool('book'), /needs a client that can answer/);
    return 'a form was answered, declined and cancelled, and not shown where nobody can';
  },
});
