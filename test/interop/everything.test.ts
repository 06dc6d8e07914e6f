/** Our client and `@modelcontextprotocol/server-everything`, which has its own tools and prompts. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withTasks } from '../../src/client/index.js';
import type { InteropClient } from './clients/interop-client.js';
import { connectOurs } from './clients/ours.js';
import { everythingQuestionFeatures, rootsOfTheTest } from './features/everything-questions.js';
import { everythingResourceFeatures } from './features/everything-resources.js';
import { everythingToolFeatures } from './features/everything-tools.js';
import { everythingProgram, hostEverything } from './hosts/everything.js';
import { createTable } from './table.js';

const features = [
  ...everythingToolFeatures,
  ...everythingQuestionFeatures,
  ...everythingResourceFeatures,
];
const pair = { client: 'ours', server: 'everything', era: 'legacy' } as const;
const columns = [
  { ...pair, carrier: 'stdio' as const },
  { ...pair, carrier: 'http' as const },
];
const table = createTable(
  features.map(({ name }) => name),
  columns,
);

describe.each(columns)('ours → everything, $carrier', (column) => {
  const closers: (() => Promise<void>)[] = [];
  let client: InteropClient;

  beforeAll(async () => {
    const options = { extensions: [withTasks()], roots: rootsOfTheTest };
    if (column.carrier === 'stdio') {
      client = await connectOurs({ ...everythingProgram, stderr: 'capture' }, options);
      closers.push(() => client.close());
      return;
    }
    const host = await hostEverything();
    closers.push(() => host.close());
    client = await connectOurs(host.url, options);
    closers.push(() => client.close());
    await host.stands(1);
  });
  afterAll(async () => {
    for (const close of closers.toReversed()) await close();
  });

  for (const { name, show } of features) {
    if (typeof show === 'string') {
      table.notOffered(name, column, show);
      continue;
    }
    test(`${name}`, async () => {
      expect.hasAssertions();
      table.begun(name, column);
      await show(client);
      table.ok(name, column);
    });
  }
});

afterAll(() => console.log(table.text()));
