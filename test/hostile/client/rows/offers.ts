import { answerTo, type Asked, type ClientAttackGroup, type Reply } from '../attack.js';

const page = ({ id }: Asked, tools: readonly object[], nextCursor?: string): Reply => ({
  body: JSON.stringify({
    jsonrpc: '2.0',
    id,
    result: { resultType: 'complete', tools, nextCursor, ttlMs: 0, cacheScope: 'private' },
  }),
});
const tool = (name: string, more: object = {}): object => ({
  name,
  inputSchema: { type: 'object' },
  ...more,
});
const tools = (count: number, description = ''): readonly object[] =>
  Array.from({ length: count }, (_, at) => tool(`t${at}`, { description }));

export const lists: ClientAttackGroup = {
  guard: 'lists without end',
  stoppedBy: 'src/client/paging.ts',
  each: { naive: 'storms', ours: 'badResponse', at: 'tools/list', does: 'list' },
  attacks: [
    { name: 'always one page more', reply: (asked) => page(asked, [], `page ${asked.nth}`) },
    { name: 'a page that leads to itself', reply: (asked) => page(asked, [], 'again') },
    { name: 'two pages in a circle', reply: (asked) => page(asked, [], `page ${asked.nth % 2}`) },
    { name: 'an empty cursor, again and again', reply: (asked) => page(asked, [], '') },
    {
      name: 'cursors of 100 KB',
      reply: (asked) => page(asked, [], `${asked.nth}${'c'.repeat(100_000)}`),
    },
    {
      name: 'more tools than anybody has',
      reply: (asked) => page(asked, tools(100), `page ${asked.nth}`),
      limits: { listedItemsMax: 1000 },
    },
    {
      name: 'pages of half a megabyte',
      reply: (asked) => page(asked, tools(1, 'd'.repeat(500_000)), `page ${asked.nth}`),
      limits: { listedBytesMax: 2 * 1024 * 1024 },
      naive: 'takes',
    },
    { name: 'tools that are none', reply: (asked) => page(asked, [5 as never]), naive: 'believes' },
    {
      name: 'a list that is none',
      reply: (asked) => page(asked, { length: 5 } as never),
      naive: 'breaks',
    },
  ],
};

/** A tool with a schema for what it returns, and what it then returns. */
const returning =
  (schema: object | ((asked: Asked) => object), value: string) =>
  (asked: Asked): Reply => {
    if (asked.method === 'tools/call') {
      return { body: JSON.stringify(answerTo(asked, { structuredContent: { x: value } })) };
    }
    const x = typeof schema === 'function' ? schema(asked) : schema;
    return page(asked, [tool('work', { outputSchema: { type: 'object', properties: { x } } })]);
  };
const slow = 'a'.repeat(23);

export const schemas: ClientAttackGroup = {
  guard: 'schemas of a server',
  stoppedBy: 'src/client/check-output.ts',
  each: {
    naive: 'blocks',
    ours: ['result', 'badResponse'],
    at: ['tools/list', 'tools/call'],
    eras: ['modern'],
  },
  attacks: [
    { name: 'nested repetition', reply: returning({ pattern: '^(a+)+$' }, `${slow}!`) },
    { name: 'two ways to one end', reply: returning({ pattern: '^(a|a)*$' }, `${slow}!`) },
    {
      name: 'an empty choice, repeated',
      reply: returning({ pattern: '^(a|aa)+$' }, `${'a'.repeat(33)}!`),
    },
    { name: 'many stars', reply: returning({ pattern: '^a*a*a*a*a*a*b$' }, 'a'.repeat(60)) },
    {
      name: 'a reference into the network',
      reply: returning(({ elsewhere }) => ({ $ref: `${elsewhere}/schema.json` }), 'x'),
      naive: 'leaks',
    },
  ],
};

const welcome =
  (protocolVersion: unknown) =>
  ({ id }: Asked): Reply => ({
    body: JSON.stringify({
      jsonrpc: '2.0',
      id,
      result: { protocolVersion, capabilities: {}, serverInfo: { name: 'x', version: '1' } },
    }),
  });
const discovered =
  (more: object) =>
  ({ id }: Asked): Reply => ({
    body: JSON.stringify({
      jsonrpc: '2.0',
      id,
      result: {
        resultType: 'complete',
        supportedVersions: ['2026-07-28'],
        capabilities: {},
        ttlMs: 0,
        cacheScope: 'private',
        ...more,
      },
    }),
  });

export const revisions: ClientAttackGroup = {
  guard: 'revisions that were not offered',
  stoppedBy: 'src/eras/legacy/call.ts',
  each: {
    naive: 'believes',
    ours: 'badResponse',
    eras: ['legacy'],
    at: 'initialize',
    does: 'connect',
  },
  attacks: [
    { name: 'one that never was', reply: welcome('1999-01-01') },
    { name: 'one without sessions', reply: welcome('2026-07-28') },
    { name: 'one of the future', reply: welcome('2999-01-01') },
    { name: 'one with a line end', reply: welcome('2025-11-25\r\nx-evil: 1') },
    { name: 'a number', reply: welcome(20251125) },
    {
      name: 'a welcome without capabilities',
      reply: (asked) => ({
        body: JSON.stringify({
          jsonrpc: '2.0',
          id: asked.id,
          result: { protocolVersion: '2025-11-25' },
        }),
      }),
    },
    {
      name: 'none that is known',
      eras: ['modern'],
      at: 'server/discover',
      reply: discovered({ supportedVersions: ['1999-01-01'] }),
      ours: 'unsupportedVersion',
    },
    {
      name: 'none at all',
      eras: ['modern'],
      at: 'server/discover',
      reply: discovered({ supportedVersions: [] }),
      ours: 'unsupportedVersion',
    },
    {
      name: 'a session instead',
      eras: ['modern'],
      at: 'server/discover',
      reply: discovered({ supportedVersions: ['2025-11-25'] }),
      ours: 'unsupportedVersion',
    },
    {
      name: 'capabilities that are none',
      eras: ['modern'],
      at: 'server/discover',
      reply: discovered({ capabilities: 5 }),
      ours: 'badResponse',
    },
  ],
};
