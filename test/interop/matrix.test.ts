/** Every feature, between us and both official SDKs, over every transport and in both eras. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { columns as nodeColumns, meet, type Meeting, nameOf, pythonColumns } from './columns.js';
import { questionFeatures } from './features/questions.js';
import { resourceFeatures } from './features/resources.js';
import { toolFeatures } from './features/tools.js';
import { notOffered, whyNot } from './not-offered.js';
import { python } from './python/python.js';
import { createTable } from './table.js';

const features = [...toolFeatures, ...questionFeatures, ...resourceFeatures];
const everyColumn = [...nodeColumns, ...pythonColumns];
const columns = python === undefined ? nodeColumns : everyColumn;
const table = createTable(
  features.map(({ name }) => name),
  columns,
);

describe.each(columns.map((column) => [nameOf(column), column] as const))('%s', (_name, column) => {
  let meeting: Meeting;

  beforeAll(async () => {
    meeting = await meet(column);
  });
  afterAll(() => meeting?.close());

  const cells = features.map((feature) => ({ ...feature, missing: whyNot(feature.name, column) }));

  const there = cells.filter(({ missing }) => missing === undefined);
  test.each(there.map((cell) => [cell.name, cell] as const))('%s', async (_feature, feature) => {
    expect.hasAssertions();
    table.begun(feature.name, column);
    await feature.show(meeting.client, column);
    table.ok(feature.name, column);
  });

  for (const { name, missing } of cells) {
    if (missing !== undefined) table.notOffered(name, column, missing.reason);
  }

  const provable = cells.filter(({ missing }) => missing?.endsWith !== undefined);
  test.each(provable.map((cell) => [cell.name, cell] as const))('still no %s', async (_n, cell) => {
    const { show, missing } = cell;
    await expect(show(meeting.client, column)).rejects.toThrow(missing?.endsWith);
  });
});

test('every reason belongs to cells of the matrix', () => {
  const named = (feature: string): boolean => features.some(({ name }) => name === feature);
  const stray = notOffered.filter(
    (entry) =>
      !entry.features.every(named) ||
      !everyColumn.some((column) => whyNot(entry.features[0]!, column) === entry),
  );
  expect(stray).toEqual([]);
});

const isRequired = process.env['REQUIRE_SYSTEM'] === '1';
test.skipIf(python === undefined && !isRequired)('the official Python SDK is at hand', () => {
  expect(python).toBeDefined();
});

afterAll(() => {
  console.log(table.text());
  if (python === undefined) console.log(withoutPython);
});

const withoutPython = `
The columns of the official Python SDK are skipped: there is no Python with its package.
For them: python3 -m venv build/python
          build/python/bin/pip install -r test/interop/python/requirements.txt`;
