/** Tools: a checked structured result, every kind of content, and a tool that tells what is wrong. */
import assert from 'node:assert/strict';
import { audio, createServer, embedded, image, resourceLink, text, ToolError } from 'sallyport';
import { z } from 'zod';
import { run } from './run.js';

const server = createServer({ name: 'weather', version: '1.0.0' });

// #region structured
const input = z.object({ city: z.string().describe('A city, such as Oslo') });
const output = z.object({ celsius: z.number(), sky: z.enum(['clear', 'cloudy']) });
const description = 'How warm it is in a city, and what the sky looks like.';
const annotations = { readOnlyHint: true };

server.tool('weather', { description, input, output, annotations }, ({ city }) => {
  if (city !== 'Oslo') throw new ToolError(`There is no station in ${city}. Try Oslo.`);
  return { celsius: -3, sky: 'clear' as const };
});
// #endregion

// #region content
server.tool('everything', {}, () => [
  text('A sentence for the model'),
  image(Uint8Array.of(137, 80, 78, 71), 'image/png'),
  audio(Uint8Array.of(82, 73, 70, 70), 'audio/wav'),
  resourceLink({ uri: 'weather://oslo', name: 'Oslo', mimeType: 'text/plain' }),
  embedded({ uri: 'weather://oslo/today', mimeType: 'text/plain', text: 'Clear and cold' }),
]);
// #endregion

await run({
  url: import.meta.url,
  server,
  async check(connect) {
    const client = await connect();
    const [weather] = await client.listTools();
    assert.equal(weather?.annotations?.readOnlyHint, true);

    const oslo = await client.callTool('weather', { city: 'Oslo' });
    assert.deepEqual(oslo.structuredContent, { celsius: -3, sky: 'clear' });
    // The same as text, for models and for clients that know no structured results.
    assert.deepEqual(oslo.content, [text('{"celsius":-3,"sky":"clear"}')]);

    const rome = await client.callTool('weather', { city: 'Rome' });
    assert.equal(rome.isError, true);
    assert.deepEqual(rome.content, [text('There is no station in Rome. Try Oslo.')]);

    const { content } = await client.callTool('everything');
    const kinds = content.map(({ type }) => type);
    assert.deepEqual(kinds, ['text', 'image', 'audio', 'resource_link', 'resource']);
    return 'tools return text, images, sound, links, resources and checked structures';
  },
});
