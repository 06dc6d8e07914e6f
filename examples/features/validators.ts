/** Any Standard Schema describes arguments: here valibot and arktype, as zod elsewhere. */
import assert from 'node:assert/strict';
import { toStandardJsonSchema } from '@valibot/to-json-schema';
import { type } from 'arktype';
import { createServer, text } from 'sallyport';
import * as v from 'valibot';
import { run } from './run.js';

const server = createServer({ name: 'kitchen', version: '1.0.0' });

// #region valibot
// valibot keeps its JSON form in a package of its own.
const recipe = toStandardJsonSchema(v.object({ dish: v.string(), guests: v.number() }));

server.tool('cook', { input: recipe }, ({ dish, guests }) => `${dish} for ${guests}`);
// #endregion

// #region arktype
const table = type({ seats: '1 <= number.integer <= 8' });

server.tool('lay', { input: table }, ({ seats }) => `${seats} plates`);
// #endregion

await run({
  url: import.meta.url,
  server,
  async check(connect) {
    const client = await connect();
    const [cook, lay] = await client.listTools();
    assert.deepEqual(cook?.inputSchema['required'], ['dish', 'guests']);
    assert.equal(lay?.inputSchema['type'], 'object');
    const soup = await client.callTool('cook', { dish: 'Soup', guests: 4 });
    assert.deepEqual(soup.content, [text('Soup for 4')]);
    const plates = await client.callTool('lay', { seats: 9 });
    assert.equal(plates.isError, true);
    return 'valibot and arktype described and checked arguments';
  },
});
