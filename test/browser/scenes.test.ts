/**
 * No page drives a server of ours: eleven scenes in a real browser, each beside a server without
 * checks that shows what the browser lets through.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Cell, cells, type Saying, type Scene, scenes } from './cells.js';
import { whyNoBrowser, whyNoNames } from './chromium.js';
import type { Seen } from './observer.js';
import { ways } from './requests.js';
import { openStage, type Stage } from './stage.js';

const shown = new Map<Cell, string>();

describe.skipIf(whyNoBrowser !== undefined)('a page', () => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await openStage();
  }, 30_000);
  afterAll(async () => {
    await stage?.close();
    console.log(table(stage?.browserVersion));
  });

  const playable = (isRebound: boolean): (readonly [string, Cell])[] =>
    cells
      .filter(({ scene }) => needsNames(scene) === isRebound)
      .map((cell) => [nameOf(cell), cell] as const);

  const run = async (cell: Cell): Promise<void> => {
    const { control, ours, says, scene } = cell;
    const harmed = await stage.play(cell, scene.control ?? 'naive');
    const guarded = await stage.play(cell, 'ours');
    const stopped = guarded.suffered === 'refused' ? guarded.refusals[0] : guarded.suffered;
    shown.set(cell, `${harmed.suffered} / ${stopped}`);
    expect(harmed.suffered, 'at the control').toBe(control);
    expect(guarded.suffered, 'at ours').toBe(ours === undefined ? 'blocked' : 'refused');
    expect(new Set(guarded.refusals)).toEqual(
      new Set(ours === undefined ? guarded.refusals : [ours]),
    );
    const said = harmed.seen.map(sayingOf);
    expect(said).toEqual(says === undefined ? said : said.map(() => says));
  };

  test.each(playable(false))('%s', (_name, cell) => run(cell));
  test.skipIf(whyNoNames !== undefined).each(playable(true))('%s', (_name, cell) => run(cell));
});

test('there are 11 scenes with at least 40 cells', () => {
  expect(scenes.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  expect(cells.length).toBeGreaterThanOrEqual(40);
  expect(new Set(cells.map(nameOf)).size).toBe(cells.length);
});

function needsNames({ stand }: Scene): boolean {
  return stand === 'rebound' || stand === 'rebound public';
}

function nameOf({ scene, means, way }: Cell): string {
  return `${scene.number} ${scene.name}: ${way} by ${means}`;
}

function sayingOf({ origin, site }: Seen): Saying {
  return { origin: origin !== undefined, site };
}

/** What came of each cell: at the control, and why ours refused. */
function table(version: string | undefined): string {
  const rows = scenes.flatMap((scene) =>
    [...new Set(scene.tries.map(({ means }) => means))].map((means) => [
      `${scene.number}. ${scene.name}, ${means}`,
      ...ways.map((way) => {
        const cell = cells.find(
          (one) => one.scene === scene && one.means === means && one.way === way,
        );
        return cell === undefined ? '' : (shown.get(cell) ?? 'not played');
      }),
    ]),
  );
  const all = [['', ...ways], ...rows];
  const widths = all[0]!.map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const lines = all.map((row) =>
    row
      .map((text, at) => text.padEnd(widths[at]!))
      .join('  ')
      .trimEnd(),
  );
  const title = `Chromium ${version}: what a page does to a server without checks / what stops it`;
  return ['', title, ...lines, ...(whyNoNames === undefined ? [] : [whyNoNames])].join('\n');
}
