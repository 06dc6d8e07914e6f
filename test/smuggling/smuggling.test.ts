/** No request is split, doubled or hidden on its way to our server, whoever stands before it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Backend, openOurBackend } from './backend.js';
import { isReady } from './ready.js';
import { type Front, type ProxyName, proxyNames, startProxy } from './proxies.js';
import { framingRows } from './rows-framing.js';
import { headRows } from './rows-head.js';
import { openSloppyBackend } from './sloppy-backend.js';
import { catchUp, type Column, type Outcome, type Tried, tryRow } from './try-row.js';

const rows = [...framingRows, ...headRows];
const fronts = ['direct', ...(isReady ? proxyNames : [])] as const;
type FrontName = 'direct' | ProxyName;

const closers: (() => Promise<void>)[] = [];
const ours = new Map<FrontName, Outcome[]>();
const sloppy = new Map<FrontName, Outcome[]>();

beforeAll(async () => {
  await Promise.all(fronts.map(async (name) => ours.set(name, await tryAll(name, openOurBackend))));
  await Promise.all(
    fronts.map(async (name) => sloppy.set(name, await tryAll(name, openSloppyBackend, 300))),
  );
  console.log(table());
}, 60_000);

afterAll(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
});

async function tryAll(
  name: FrontName,
  openBackend: () => Promise<Backend>,
  patienceMs = 5000,
): Promise<Outcome[]> {
  const openColumn = async (): Promise<Column> => {
    const backend = await openBackend();
    closers.push(() => backend.close());
    const front = name === 'direct' ? directTo(backend) : await startProxy(name, backend.port);
    closers.push(() => front.close());
    return { front, backend, patienceMs };
  };
  let column = await openColumn();
  const all: Tried[] = [];
  for (const row of rows) {
    const tried = await tryRow(row, column);
    all.push(tried);
    if (tried.isPoisoned) column = await openColumn();
  }
  await catchUp(column);
  // Only now: what a row left behind may strike later, and logs are written last.
  return all.map((tried) => tried.outcome());
}

function directTo({ port }: Backend): Front {
  return {
    port,
    passed: () => undefined,
    caughtUp: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

describe.each(fronts)('%s', (name) => {
  test.each(rows.map((row, at) => [row.name, at] as const))('%s', (_name, at) => {
    expect(ours.get(name)?.[at]?.harms).toEqual([]);
  });
});

/** Rows that are known to harm a server which forgives, so that harm is known to be seen. */
const behindAll = ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'PUT'].map(
  (method) => `a call as the body of ${method}`,
);
const bites: { readonly [name in FrontName]: readonly string[] } = {
  direct: [
    ...behindAll,
    'TE.CL: a length that ends before a chunk with a call',
    'a length, and a coding hidden by a blank before the colon',
    'TE.TE: xchunked',
    'TE.TE: chunked, identity',
    'TE.TE: chunked after NUL',
    'chunks: a size with an underscore',
    'chunks: an empty size',
    'chunks: an extension with a bare line feed',
    'trailers: a request line',
    'length: 0 and the length',
    'length: a plus sign',
    'HTTP/0.9: a line, and a call behind',
    'HTTP/2: the preface, and a call behind',
    'pipeline: a call behind two Hosts, both behind a good call',
  ],
  'nginx 1.0': behindAll,
  'nginx 1.1': [...behindAll, 'a call as chunks of GET'],
  haproxy: [
    ...behindAll,
    'TE.TE: CHUNKED',
    'TE.TE: chunked and a comma',
    'chunks, and a length with an underscore',
  ],
};

describe.each(fronts)('a sloppy server, %s', (name) => {
  test.each(bites[name])('%s harms it', (row) => {
    const at = rows.findIndex((one) => one.name === row);
    expect(sloppy.get(name)?.[at]?.harms.length).toBeGreaterThan(0);
  });
});

test('the rows are many, and each has a name of its own', () => {
  expect(rows.length).toBeGreaterThanOrEqual(60);
  expect(new Set(rows.map((row) => row.name)).size).toBe(rows.length);
});

function table(): string {
  const widths = [60, ...fronts.map(() => 14)];
  const lineOf = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join(' ')
      .trimEnd();
  const cellOf = (name: FrontName, at: number): string => {
    const harmed = sloppy.get(name)?.[at]?.harms.length === 0 ? '' : ' !';
    const mine = ours.get(name)?.[at];
    return `${mine?.heard}${mine?.harms.length === 0 ? '' : ' HARM'}${harmed}`;
  };
  const lines = rows.map((row, at) =>
    lineOf([row.name, ...fronts.map((name) => cellOf(name, at))]),
  );
  return [
    'What our server and its proxies answered; "!" where the sloppy server was harmed:',
    lineOf(['', ...fronts]),
    ...lines,
  ].join('\n');
}
