/**
 * What pages of other origins may send and read: of a listed origin, of one that is not, and of
 * none at all, by requests that a browser sends at once and by those that it asks about before.
 */
import type { Frame } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { type Listening, listen } from '../../src/transports/http/index.js';
import { initialize, inSession, modernCall, onSession } from '../hostile/attack.js';
import { createVictim } from '../hostile/victim.js';
import { letIn } from '../let-in.js';
import { type Attacker, openAttacker } from './attacker.js';
import { type Browser, openBrowser, whyNoBrowser } from './chromium.js';
import { observe, type Observer } from './observer.js';
import { pageRequest, type PageRequest } from './requests.js';

const origins = ['listed', 'unlisted', 'null'] as const;
type OriginName = (typeof origins)[number];

interface Try {
  readonly request: PageRequest;
  readonly withCookies?: boolean;
  /** What comes of it when the page is of the listed origin. */
  readonly listed: Pick<Outcome, 'answer' | 'heard'>;
}

/** What became of a request, as the server and as the page saw it. */
interface Outcome {
  /** The answer to the question whether it may be sent. */
  readonly preflight: number | undefined;
  /** The answer of the server, 0 while it goes on; undefined: the request did not come. */
  readonly answer: number | undefined;
  /** What the page heard, with the headers that it can read; undefined: only that it failed. */
  readonly heard: { readonly status: number; readonly headers: readonly string[] } | undefined;
}

const plainText: PageRequest = {
  method: 'POST',
  headers: { 'content-type': 'text/plain' },
  body: '{}',
};
const plainGet: PageRequest = { method: 'GET', headers: { accept: 'text/event-stream' } };
const refusedAs = (status: number): Try['listed'] => ({
  answer: status,
  heard: { status, headers: ['x-request-id'] },
});

/** A browser sends these without asking: a form or an image could do it as well. */
const simple: { readonly [name: string]: Try } = {
  'POST of text': { request: plainText, listed: refusedAs(415) },
  'GET of no session': { request: plainGet, listed: refusedAs(400) },
  'GET of JSON': {
    request: { ...plainGet, headers: { accept: 'application/json' } },
    listed: refusedAs(406),
  },
  'POST with cookies': {
    request: plainText,
    withCookies: true,
    listed: { answer: 415, heard: undefined },
  },
};

const query = modernCall('query', { region: 'north' });

/** About these it asks before. */
const preflighted: { readonly [name: string]: Try } = {
  'POST of a call': {
    request: pageRequest({ ...query, headers: { ...query.headers, 'mcp-param-region': 'north' } }),
    listed: { answer: 200, heard: { status: 200, headers: [] } },
  },
  'POST of initialize': {
    request: pageRequest(initialize),
    listed: { answer: 200, heard: { status: 200, headers: ['mcp-session-id'] } },
  },
  'GET of a stream': {
    request: pageRequest(onSession('GET')),
    listed: { answer: 0, heard: { status: 200, headers: [] } },
  },
  'DELETE of a session': {
    request: pageRequest(onSession('DELETE')),
    listed: { answer: 200, heard: { status: 200, headers: [] } },
  },
};

const cells = origins.flatMap((origin) =>
  Object.entries({ simple, preflighted }).flatMap(([kind, tries]) =>
    Object.entries(tries).map(([name, one]) => ({
      name: `${origin} origin, ${kind} request: ${name}`,
      origin,
      isAsked: kind === 'preflighted',
      one,
    })),
  ),
);

describe.skipIf(whyNoBrowser !== undefined)('a page of another origin', () => {
  const victim = createVictim();
  const frames = new Map<OriginName, Frame>();
  let browser: Browser;
  let pages: Attacker;
  let server: Listening;
  let observer: Observer;
  let session: string;

  beforeAll(async () => {
    pages = await openAttacker(['127.0.0.1']);
    browser = await openBrowser({ flags: ['--host-resolver-rules=MAP *.example 127.0.0.1'] });
    const listed = `http://app.example:${pages.port}`;
    server = await listen(victim.served, { allowedOrigins: [listed] });
    observer = observe(server.port);
    frames.set('listed', await frameAt(browser, listed));
    frames.set('unlisted', await frameAt(browser, `http://other.example:${pages.port}`));
    frames.set('null', await sandboxedFrame(browser, listed));
  }, 30_000);
  afterAll(async () => {
    await browser?.close();
    observer?.stop();
    await server?.close({ drainMs: 0 });
    await pages?.leave();
  });
  beforeEach(async () => {
    const opened = await fetch(server.url, pageRequest(initialize));
    await opened.text();
    session = opened.headers.get('mcp-session-id') ?? '';
    const ready = inSession({ method: 'notifications/initialized' }, session);
    await (await fetch(server.url, pageRequest(ready))).text();
    observer.forget();
  });

  const send = async (origin: OriginName, one: Try): Promise<Outcome> => {
    const names = ['x-content-type-options', 'x-request-id', 'mcp-session-id'];
    const { method, headers, body } = one.request;
    const own = 'mcp-session-id' in headers ? { 'mcp-session-id': session } : {};
    const init = {
      method,
      headers: { ...headers, ...own },
      ...(body === undefined ? {} : { body }),
    };
    const order = { url: server.url, init, names, withCookies: one.withCookies === true };
    const heard = await frames.get(origin)!.evaluate(fetchHeaders, order);
    const asked = observer.seen.filter((seen) => seen.method === 'OPTIONS');
    const sent = observer.seen.filter((seen) => seen.method !== 'OPTIONS');
    expect([asked.length, sent.length].filter((count) => count > 1)).toEqual([]);
    return { preflight: asked[0]?.status, answer: sent[0]?.status, heard };
  };

  test.each(cells.map((cell) => [cell.name, cell] as const))('%s', async (_name, cell) => {
    const before = victim.runs;
    expect(await send(cell.origin, cell.one)).toEqual(expected(cell));
    const isCall = cell.one === preflighted['POST of a call'];
    expect(victim.runs - before).toBe(isCall && cell.origin === 'listed' ? 1 : 0);
  });

  test('a browser remembers that it may ask', async () => {
    const page = await browser.context.newPage();
    await page.goto(`http://app.example:${pages.port}/`);
    frames.set('listed', page.mainFrame());
    await send('listed', preflighted['POST of a call']!);
    observer.forget();
    const again = await send('listed', preflighted['POST of a call']!);
    expect(again).toMatchObject({ preflight: undefined, heard: { status: 200 } });
  });

  test('a listed page reads that it must say who it is, and that it must wait', async () => {
    const page = frames.get('listed')!;
    const guarded = await listen(victim.served, {
      allowedOrigins: [`http://app.example:${pages.port}`],
      auth: letIn((token) => token),
      // A burst is counted for as long as it takes to be allowed another: five seconds.
      limits: { requestBurstMax: 5, requestsPerSecondMax: 1 },
    });
    onTestFinished(() => guarded.close({ drainMs: 0 }));
    const { method, headers, body = '' } = pageRequest(modernCall('look'));
    const ask = (own: PageRequest['headers'] = {}): Promise<Outcome['heard']> => {
      const init = { method, headers: { ...headers, ...own }, body };
      const names = ['www-authenticate', 'retry-after', 'x-request-id'];
      const order = { url: guarded.url, init, names, withCookies: false };
      return page.evaluate(fetchHeaders, order);
    };
    const alice = { authorization: 'Bearer alice' };
    const needsLogin = ['www-authenticate', 'x-request-id'];
    expect(await ask()).toEqual({ status: 401, headers: needsLogin });
    for (let count = 0; count < 5; count++) {
      expect(await ask(alice)).toEqual({ status: 200, headers: [] });
    }
    expect(await ask(alice)).toEqual({ status: 429, headers: ['retry-after', 'x-request-id'] });
  });

  test('there are 24 cells', () => {
    expect(cells).toHaveLength(24);
  });
});

function expected({ origin, isAsked, one }: (typeof cells)[number]): Outcome {
  if (origin === 'listed') return { preflight: isAsked ? 204 : undefined, ...one.listed };
  if (isAsked) return { preflight: 403, answer: undefined, heard: undefined };
  return { preflight: undefined, answer: 403, heard: undefined };
}

interface Order {
  readonly url: string;
  readonly init: RequestInit;
  readonly names: readonly string[];
  readonly withCookies: boolean;
}

/** Runs in the page. */
async function fetchHeaders({ url, init, names, withCookies }: Order): Promise<Outcome['heard']> {
  try {
    const credentials = withCookies ? 'include' : 'omit';
    const { status, headers, body } = await fetch(url, { ...init, credentials });
    await body?.cancel();
    return { status, headers: names.filter((name) => headers.has(name)) };
  } catch {
    return undefined;
  }
}

async function frameAt({ context }: Browser, origin: string): Promise<Frame> {
  const page = await context.newPage();
  // Otherwise the answer to one question would serve for the next request too.
  const devTools = await context.newCDPSession(page);
  await devTools.send('Network.enable');
  await devTools.send('Network.setCacheDisabled', { cacheDisabled: true });
  await page.goto(`${origin}/`);
  return page.mainFrame();
}

/** Whatever page is shown in it, a sandbox has no origin. */
async function sandboxedFrame(browser: Browser, origin: string): Promise<Frame> {
  const outer = await frameAt(browser, origin);
  const attached = outer.page().waitForEvent('framenavigated');
  await outer.evaluate(() => {
    const frame = document.createElement('iframe');
    frame.setAttribute('sandbox', 'allow-scripts');
    frame.src = '/';
    document.body.append(frame);
  });
  return attached;
}
