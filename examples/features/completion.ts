/** Completion: suggestions while a user fills in a prompt, or the variables of a template. */
import assert from 'node:assert/strict';
import { createServer } from 'sallyport';
import { z } from 'zod';
import { run } from './run.js';

const server = createServer({ name: 'atlas', version: '1.0.0' });

// #region server
const cities: { [country: string]: string[] } = {
  norway: ['Oslo', 'Bergen'],
  peru: ['Lima', 'Cusco'],
};
const startingWith = (start: string, words: string[]): string[] =>
  words.filter((word) => word.toLowerCase().startsWith(start.toLowerCase()));

const complete = {
  country: (start: string) => startingWith(start, Object.keys(cities)),
  // What was filled in already narrows the suggestions.
  city: (start: string, others: { readonly [name: string]: string }) =>
    startingWith(start, cities[others['country'] ?? ''] ?? []),
};
const input = z.object({ country: z.string(), city: z.string() });

server.prompt('visit', { input, complete }, ({ city }) => `Plan a day in ${city}.`);
server.resource('atlas://{country}/{city}', { complete }, ({ uri }) => `A map, ${uri}`);
// #endregion

await run({
  url: import.meta.url,
  server,
  async check(connect) {
    // #region client
    const client = await connect();
    const { values } = await client.complete({
      ref: { type: 'ref/prompt', name: 'visit' },
      argument: { name: 'city', value: 'b' },
      context: { arguments: { country: 'norway' } },
    });
    // #endregion
    assert.deepEqual(values, ['Bergen']);
    const uri = 'atlas://{country}/{city}';
    const countries = await client.complete({
      ref: { type: 'ref/resource', uri },
      argument: { name: 'country', value: '' },
    });
    assert.deepEqual(countries, { values: ['norway', 'peru'], total: 2, hasMore: false });
    return 'suggestions for a prompt and a template, narrowed by what was filled in';
  },
});
