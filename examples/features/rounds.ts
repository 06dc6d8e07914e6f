/** Several questions in one tool: together, one after the other, and a payment between them. */
import assert from 'node:assert/strict';
import { createServer, text } from 'sallyport';
import { z } from 'zod';
import { run } from './run.js';

const server = createServer({ name: 'shop', version: '1.0.0' });
const counted = { entered: 0, paid: 0 };

// #region server
const name = z.object({ name: z.string() });
const city = z.object({ city: z.string() });
const sure = z.object({ sure: z.boolean() });

server.tool('order', { description: 'Orders a book.' }, async (_args, call) => {
  counted.entered++;
  // Put together, these two go out in one round.
  const [who, where] = await Promise.all([
    call.ask.form('who', 'Your name?', name),
    call.ask.form('where', 'Where to?', city),
  ]);
  // The handler is entered again after each question. What must not happen twice stands in once.
  const receipt = await call.once('pay', () => pay(who.name));
  const answer = await call.ask.form('sure', `Paid, ${receipt}. Send it?`, sure);
  return answer.sure ? `Sent to ${where.city}` : 'Kept for you';
});
// #endregion
server.tool('counted', {}, () => ({ ...counted }));

function pay(customer: string): string {
  counted.paid++;
  return `receipt for ${customer}`;
}

await run({
  url: import.meta.url,
  server,
  async check(connect) {
    const asked: string[] = [];
    const client = await connect({
      answers: {
        form({ message }) {
          asked.push(message);
          return { name: 'Ann', city: 'Oslo', sure: true };
        },
      },
    });
    const before = (await client.callTool('counted')).structuredContent as typeof counted;
    assert.deepEqual((await client.callTool('order')).content, [text('Sent to Oslo')]);
    assert.deepEqual(asked, ['Your name?', 'Where to?', 'Paid, receipt for Ann. Send it?']);
    const after = (await client.callTool('counted')).structuredContent as typeof counted;
    assert.deepEqual([after.entered - before.entered, after.paid - before.paid], [3, 1]);
    return 'three questions in two rounds, the handler entered three times, paid once';
  },
});
