/** A person logs in with a real browser, at a real authorization server, for the command line. */
import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  type Ended,
  type HttpsExample,
  startHttpsExample,
} from '../interop/authorization/https-example.js';
import { type Browser, openBrowser, whyNoBrowser } from './chromium.js';

const pictures = fileURLToPath(new URL('../../build/browser/', import.meta.url));

describe.skipIf(whyNoBrowser !== undefined)('the login of the command line', () => {
  let browser: Browser;
  let example: HttpsExample;
  let page: Page;

  beforeAll(async () => {
    mkdirSync(pictures, { recursive: true });
    // The page of the authorization server wants a font from elsewhere, for which nobody waits.
    browser = await openBrowser({
      flags: [
        '--ignore-certificate-errors',
        '--host-resolver-rules=MAP *.googleapis.com ~NOTFOUND',
      ],
    });
  }, 30_000);
  beforeEach(async () => {
    example = await startHttpsExample();
    page = await browser.context.newPage();
  }, 30_000);
  afterEach(async () => {
    await page.close();
    await example[Symbol.asyncDispose]();
  });
  afterAll(() => browser?.close());

  /** Begins a login; `visit` gets the page that the command prints. */
  async function logIn(visit: (url: string) => Promise<void>): Promise<Ended> {
    let visited: Promise<void> | undefined;
    const failed = new AbortController();
    const ended = await example.sallyport(['login', example.url, '--no-browser'], {
      onStderr(text) {
        const url = /(https:\/\/\S+\/auth\?\S+)\n/.exec(text)?.[1];
        if (url === undefined || visited !== undefined) return;
        visited = visit(url);
        visited.catch(() => failed.abort());
      },
      signal: failed.signal,
    });
    await visited;
    return ended;
  }

  test('a form is filled in, and all that comes after knows who it is', async () => {
    const complaints: string[] = [];
    page.on('console', (line) => {
      if (page.url().startsWith('http:')) complaints.push(line.text());
    });
    const login = await logIn(async (url) => {
      await page.goto(url);
      await page.fill('[name=login]', 'ada');
      await page.fill('[name=password]', 'any');
      await page.click('[type=submit]');
      await page.locator('li', { hasText: 'documents:read' }).first().waitFor();
      await page.click('[type=submit]');
      await page.getByText('You can close this page').waitFor();
    });
    expect(login).toMatchObject({
      code: 0,
      stdout: `Logged in to ${example.url} with ${example.issuer}.\n`,
    });
    expect(new URL(page.url()).hostname).toBe('127.0.0.1');
    expect(complaints).toEqual([]);
    await page.screenshot({ path: `${pictures}login.png` });

    const who = await example.sallyport(['whoami', example.url, '--json']);
    expect(JSON.parse(who.stdout)).toMatchObject({
      server: example.url,
      issuer: example.issuer,
      scopes: expect.arrayContaining(['documents:read']) as unknown,
    });
    const words = ['call', example.url, 'read', 'documents:=["minutes.txt"]'];
    expect(await example.sallyport(words)).toMatchObject({ code: 0, stdout: 'Read minutes.txt\n' });
    expect(await example.sallyport(['logout', example.url])).toMatchObject({
      code: 0,
      stdout: `Logged out of ${example.url}.\n`,
    });
    expect((await example.sallyport(words)).code).toBe(3);
  }, 60_000);

  test('who says no is not logged in', async () => {
    const login = await logIn(async (url) => {
      await page.goto(url);
      await page.getByText('Cancel').click();
      await page.getByText('Not logged in').waitFor();
    });
    expect(login).toMatchObject({ code: 3, stdout: '' });
    expect((await example.sallyport(['whoami', example.url])).code).toBe(3);
  }, 60_000);
});
