/** Where the scenes are played: the browser, the pages of the attacker, and the servers. */
import type { Page } from 'playwright-core';
import { secret } from '../hostile/victim.js';
import { type Attacker, openAttacker } from './attacker.js';
import type { Cell, Stand, Suffered } from './cells.js';
import { type Browser, openBrowser, whyNoNames } from './chromium.js';
import {
  fetchInPage,
  type Heard,
  loadInPage,
  openWebSocket,
  popUpByClick,
  submitInPage,
} from './in-page.js';
import { type NameServer, openNameServer } from './name-server.js';
import type { Observer, Seen } from './observer.js';
import { type PageRequest, requestsFor } from './requests.js';
import { openTarget, type Refusal, type Target, type TargetName, targetNames } from './targets.js';

/** What came of a cell at one server. */
export interface Outcome {
  readonly suffered: Suffered;
  readonly refusals: readonly Refusal[];
  /** What came, less what only asked whether it may come. */
  readonly seen: readonly Seen[];
}

export interface Stage {
  readonly browserVersion: string;
  play(cell: Cell, at: TargetName): Promise<Outcome>;
  close(): Promise<void>;
}

const own = '127.0.0.1';
const near = '127.0.0.2';
const far = '127.0.0.3';
const movedName = 'moved.example';
/** Names that are loaded from the first address and then point to this machine. */
const reboundNames = { near, far };
/** Pages that stay open, because the address that they came from is the server's by now. */
type StandingPages = ReadonlyMap<Stand, Page>;

export async function openStage(): Promise<Stage> {
  const opened: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const one of opened.splice(0).toReversed()) await one();
  };
  try {
    return { ...(await setUp((one) => opened.push(one))), close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

/** `atEnd` is given what has to be closed, however far this gets. */
async function setUp(atEnd: (close: () => Promise<void>) => void): Promise<Omit<Stage, 'close'>> {
  const attackers: Attacker[] = [];
  for (const _name of targetNames) attackers.push(await openAttacker([own, near, far]));
  const elsewhere = await openAttacker([near, far]);
  atEnd(() => elsewhere.leave());
  const names = whyNoNames === undefined ? await openNameServer(reboundNames) : undefined;
  if (names !== undefined) atEnd(() => names.close());
  const ports = attackers.map(({ port }) => port);
  const publicPlaces = [...ports, elsewhere.port].map((port) => `${far}:${port}=public`);
  const browser = await openBrowser({
    flags: [
      `--host-resolver-rules=MAP ${movedName} ${own}`,
      `--ip-address-space-overrides=${publicPlaces.join(',')}`,
    ],
    ...(names === undefined ? {} : { nameServer: names.address }),
  });
  atEnd(() => browser.close());
  const pages: StandingPages[] = [];
  for (const port of ports) pages.push(await standingPages(browser, port, names));
  const strangers = new Map<Stand, Page>([
    ['local', await pageAt(browser, near, elsewhere.port)],
    ['public', await pageAt(browser, far, elsewhere.port)],
  ]);
  await Promise.all(attackers.map(({ leave }) => leave()));
  const targets = new Map<TargetName, Target>();
  const pagesFor = new Map<TargetName, StandingPages>();
  for (const [at, name] of targetNames.entries()) {
    const target = await openTarget[name](ports[at]!);
    atEnd(() => target.close());
    targets.set(name, target);
    pagesFor.set(name, new Map([...pages[at]!, ...strangers]));
  }
  return {
    browserVersion: browser.version,
    play(cell, at) {
      const page = pagesFor.get(at)?.get(cell.scene.stand);
      if (page === undefined) throw new Error(whyNoNames);
      return play(cell, targets.get(at)!, page);
    },
  };
}

async function standingPages(
  browser: Browser,
  port: number,
  names: NameServer | undefined,
): Promise<StandingPages> {
  const pages = new Map<Stand, Page>([['moved', await pageAt(browser, movedName, port)]]);
  if (names === undefined) return pages;
  pages.set('rebound', await pageAt(browser, 'near.example', port));
  pages.set('rebound public', await pageAt(browser, 'far.example', port));
  return pages;
}

async function pageAt({ context }: Browser, host: string, port: number): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`http://${host}:${port}/`);
  return page;
}

async function play(cell: Cell, target: Target, page: Page): Promise<Outcome> {
  const { observer, session, port } = target;
  target.forget();
  const before = await target.harm();
  const to = cell.scene.to === undefined ? new URL(page.url()).host : `${cell.scene.to}:${port}`;
  const heard: Heard[] = [];
  const requests = requestsFor(cell.way, session);
  for (const request of requests) {
    heard.push(...(await attack(cell, request, `http://${to}/mcp`, page, observer)));
  }
  const seen = observer.seen.filter(({ method }) => method !== 'OPTIONS');
  const harm = (await target.harm()) - before;
  const isRepeated = seen.length > requests.length;
  const { refusals } = target;
  return { suffered: sufferedBy(heard, harm, seen.length > 0, isRepeated), refusals, seen };
}

function sufferedBy(
  heard: readonly Heard[],
  harm: number,
  hasCome: boolean,
  isRepeated: boolean,
): Suffered {
  const isRead = heard.some(({ text, status }) => text.includes(secret) || isGood(status));
  if (isRead) return 'read';
  if (harm > 0) return 'acted';
  if (isRepeated) return 'twice';
  return hasCome ? 'refused' : 'blocked';
}

function isGood(status: number): boolean {
  return status >= 100 && status < 400;
}

async function attack(
  { means }: Cell,
  request: PageRequest,
  url: string,
  page: Page,
  observer: Observer,
): Promise<readonly Heard[]> {
  if (means === 'popup') return attackByPopup(request, url, page, observer);
  if (means === 'fetch' || means === 'blind fetch') {
    const isBlind = means === 'blind fetch';
    return [await page.evaluate(fetchInPage, { url, request, isBlind })];
  }
  if (means === 'websocket') {
    return [await page.evaluate(openWebSocket, url.replace('http:', 'ws:'))];
  }
  if (means === 'navigation') {
    const home = page.url();
    await navigate(request, url, page, observer);
    await page.goto(home);
  } else if (means === 'form in a frame') {
    await untilOver(page, observer, url, () => submit(request, url, page, true));
  } else {
    const tag = means === 'image' ? 'img' : 'iframe';
    await untilOver(page, observer, url, () => page.evaluate(loadInPage, { tag, url } as const));
  }
  return [];
}

function submit(
  { method, body = '{}' }: PageRequest,
  url: string,
  page: Page,
  inFrame: boolean,
): Promise<void> {
  return page.evaluate(submitInPage, { url, method, body, inFrame });
}

/** Leaves the page for the server, and stays there. */
async function navigate(
  request: PageRequest,
  url: string,
  page: Page,
  observer: Observer,
): Promise<void> {
  // A page that is closed on its way somewhere may never be.
  await Promise.all([
    page.waitForEvent('framenavigated'),
    untilOver(page, observer, url, () => submit(request, url, page, false)),
  ]);
  await page.waitForLoadState();
}

/** Nothing in the page says when it is done: the server does, or the browser which blocks it. */
async function untilOver(
  page: Page,
  observer: Observer,
  url: string,
  begin: () => Promise<void>,
): Promise<void> {
  const before = observer.seen.length;
  const blocked = page.waitForEvent('requestfailed', (request) => {
    // What went away with an earlier frame was not blocked.
    return request.url() === url && request.failure()?.errorText !== 'net::ERR_ABORTED';
  });
  await begin();
  await Promise.race([observer.answered(before + 1), blocked.catch(() => undefined)]);
}

/**
 * A click opens the page's own name, which is the server's by now. The window has the page's origin
 * still, so the page sends from there; by a form if the window may not fetch.
 */
async function attackByPopup(
  request: PageRequest,
  url: string,
  page: Page,
  observer: Observer,
): Promise<readonly Heard[]> {
  await page.evaluate(popUpByClick, new URL('/', url).href);
  await page.bringToFront();
  const [popup] = await Promise.all([page.waitForEvent('popup'), page.mouse.click(30, 20)]);
  try {
    await popup.waitForLoadState();
    const heard = await page.evaluate(fetchInPage, { url, request, isBlind: false });
    if (heard.outcome === 'failed' && request.method !== 'DELETE') {
      const forbidden = popup.waitForEvent('console', (line) => line.text().includes('form'));
      await Promise.race([navigate(request, url, popup, observer), forbidden.catch(() => {})]);
    }
    return [heard];
  } finally {
    await popup.close();
  }
}
