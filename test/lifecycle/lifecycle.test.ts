import { beforeAll, describe, expect, test } from 'vitest';
import { namespacePrefix } from '../../src/transports/stdio/isolation.js';
import { systemTool } from '../../src/transports/stdio/system-tool.js';
import { type Behaviour, endings, names } from './behaviours.js';
import { killEarly, runCell } from './cell.js';
import { attacks } from '../hostile/advisories.js';

attacks('W');

/** 19 cells, 200 and some spawns. */
const count = 11;
const goneMsMax = 6000;

const prefix = await namespacePrefix();
const isPossible = typeof prefix !== 'string';
const skip = !isPossible && process.env['REQUIRE_SYSTEM'] !== '1';

beforeAll(() => {
  if (typeof prefix === 'string') console.warn(`Not shown here: ${prefix}`);
});

/** How many processes of one server are there to be seen: some are over before anybody looks. */
const least: { readonly [name in Behaviour]?: number } = {
  exit: 0,
  crash: 0,
  'grandchild holds stdout': 0,
  'fork flood': 40,
};
const nobodyLeft = { spawned: count, survivors: 0, zombies: 0 };

describe.skipIf(skip).each(endings)('the host %s', (ending) => {
  test.each(names)('%s: nobody is left', { timeout: 30_000 }, async (behaviour) => {
    const outcome = await runCell(behaviour, ending, { count });
    expect(outcome).toMatchObject({ ...nobodyLeft, isolation: 'pid-namespace' });
    expect(outcome.goneMs).toBeLessThan(goneMsMax);
    // Otherwise it would be no wonder that nobody is left.
    expect(outcome.seen).toBeGreaterThanOrEqual((least[behaviour] ?? 2) * count);
  });
});

test.skipIf(skip)(
  'a host that is killed while it starts them leaves nobody',
  async () => {
    const outcome = await runCell('ignores SIGTERM', 'is killed', { count, early: true });
    expect(outcome).toMatchObject(nobodyLeft);
  },
  30_000,
);

const moments = [0, 2, 4, 6, 8, 11, 14, 18, 23, 30];
const hasBwrap = process.env['REQUIRE_SYSTEM'] === '1' || (await systemTool('bwrap')) !== undefined;

test.skipIf(skip).each(hasBwrap ? (['none', 'bwrap'] as const) : (['none'] as const))(
  'a host that is killed at any moment of a start leaves nobody: sandbox %s',
  { timeout: 60_000 },
  async (sandbox) => expect(await killEarly(moments, sandbox)).toBe(0),
);

test('without a namespace a daemon stays, which these tests would see', async () => {
  const outcome = await runCell('daemon', 'closes', { count: 1, isolation: 'process-group' });
  expect(outcome).toMatchObject({ isolation: 'process-group', zombies: 0 });
  expect(outcome.survivors).toBeGreaterThan(0);
}, 30_000);
