/** A page on a listed origin uses the browser build of the client, under a strict policy. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { createServer, type Middleware, type Server, toolResult } from 'sallyport';
import { type Listening, listen } from 'sallyport/http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createFilesServer } from '../../examples/files/server.js';
import { type BuiltPage, serveBuiltPage } from './built-page.js';
import { type Browser, openBrowser, whyNoBrowser } from './chromium.js';

const pictures = fileURLToPath(new URL('../../build/browser/', import.meta.url));
const names = ['apples.md', 'cherries.md', 'figs.md', 'pears.md', 'plums.md', 'quinces.md'];
const eras = [
  ['modern', '2026-07-28'],
  ['legacy', '2025-11-25'],
] as const;

describe.skipIf(whyNoBrowser !== undefined)('the page of examples/browser', () => {
  const opened: { close(): Promise<void> }[] = [];
  let folder: string;
  let browser: Browser;
  let built: BuiltPage;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sallyport-files-'));
    for (const [at, name] of names.entries()) {
      writeFileSync(join(folder, name), `# ${name}\n\n${'a line of words\n'.repeat(7 * (at + 1))}`);
    }
    mkdirSync(pictures, { recursive: true });
    built = await serveBuiltPage();
    browser = await openBrowser({ flags: ['--host-resolver-rules=MAP app.example 127.0.0.1'] });
  }, 30_000);
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((one) => one.close()));
  });
  afterAll(async () => {
    await browser?.close();
    await built?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const serve = async (server: Server): Promise<Listening> => {
    const allowedOrigins = [`http://app.example:${built.port}`];
    const listening = await listen(server, { allowedOrigins });
    opened.push({ close: () => listening.close({ drainMs: 0 }) });
    return listening;
  };
  const openPage = async (url: string, era: string): Promise<Page & { errors: string[] }> => {
    const page = await browser.context.newPage();
    opened.push(page);
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (line) => {
      if (line.type() === 'error') errors.push(line.text());
    });
    const query = new URLSearchParams({ server: url, era });
    await page.goto(`http://app.example:${built.port}/?${query}`);
    await page.waitForSelector('#start:enabled');
    return Object.assign(page, { errors });
  };

  test.each(eras)('shows the progress of a call, and its result: %s', async (era, version) => {
    const steps = createSteps();
    const server = createFilesServer(folder);
    server.use(steps.middleware);
    const page = await openPage((await serve(server)).url, era);
    expect(await page.textContent('#server')).toBe(`Connected to files, protocol ${version}`);

    await page.evaluate(recordBar);
    await page.click('#start');
    for (const [at, name] of names.slice(0, 5).entries()) {
      steps.release();
      await page.locator('#status', { hasText: `${at + 1} of 6: ${name}` }).waitFor();
      // It is shown when it comes, and not with the result: there is none yet.
      expect([steps.isAnswered, await page.isVisible('#files')]).toEqual([false, false]);
      if (at === 3) await page.screenshot({ path: join(pictures, 'progress.png') });
    }
    steps.release();
    await page.waitForSelector('#files:not([hidden])');
    await page.screenshot({ path: join(pictures, 'result.png') });

    const sixths = [0, 1, 2, 3, 4, 5, 6, 6].map((count) => count / 6);
    expect(await page.evaluate(() => (window as { values?: number[] }).values)).toEqual(sixths);
    expect(steps.isAnswered).toBe(true);
    expect(await page.locator('#files .path').allTextContents()).toEqual(names);
    expect(await page.textContent('#files tbody tr')).toMatch(/^apples\.md125930[0-9a-f]{12}$/);
    expect(page.errors).toEqual([]);
  });

  test.each(eras)('stops a call that takes too long: %s', async (era) => {
    const steps = createSteps();
    const server = createFilesServer(folder);
    server.use(steps.middleware);
    const page = await openPage((await serve(server)).url, era);
    await page.click('#start');
    await steps.waiting;
    await page.click('#stop');
    await page.waitForSelector('#start:enabled');
    expect(await page.textContent('#status')).toMatch(/^Not measured: /);
    await steps.aborted;
  });

  test.each(eras)('answers a question of the server by a form: %s', async (era) => {
    const page = await openPage((await serve(askingServer())).url, era);
    await page.click('#start');
    await page.waitForSelector('dialog[open]');
    await page.screenshot({ path: join(pictures, 'question.png') });
    await page.selectOption('dialog select', 'everything');
    await page.fill('dialog input[type=number]', '3');
    await page.click('dialog button:text("Answer")');
    await page.waitForSelector('#files:not([hidden])');
    expect(await page.locator('#files .path').allTextContents()).toEqual(['everything, 3 deep']);
    expect(page.errors).toEqual([]);
  });

  test('runs no script of another origin', async () => {
    const page = await openPage((await serve(askingServer())).url, 'auto');
    const verdict = page.evaluate(loadForeignScript);
    await expect(verdict).resolves.toBe('script-src-elem');
  });
});

/** A tool that wants to know more before it begins. */
function askingServer(): Server {
  const server = createServer({ name: 'asking', version: '1.0.0' });
  const what = z.object({
    what: z.enum(['text', 'everything']).describe('What should be measured?'),
    depth: z.int().min(1).default(2).describe('How many folders deep?'),
  });
  server.tool('process_files', { input: z.object({ dir: z.string() }) }, async (_args, call) => {
    const said = await call.ask.form('what', 'This folder is large.', what);
    const files = [{ path: `${said.what}, ${said.depth} deep`, bytes: 1 }];
    const structured = { dir: '.', files, totalBytes: 1, remaining: 0, unreadableFolders: [] };
    return toolResult({ content: 'measured', structured });
  });
  return server;
}

interface Steps {
  /** Holds each progress back until `release`. */
  readonly middleware: Middleware;
  release(): void;
  /** Resolves when the first one is held. */
  readonly waiting: Promise<void>;
  /** Resolves when the call is cancelled. */
  readonly aborted: Promise<void>;
  /** Whether the tool has returned its result. */
  readonly isAnswered: boolean;
}

function createSteps(): Steps {
  let free = 0;
  let isAnswered = false;
  let wake = (): void => undefined;
  const [waiting, onWaiting] = signal();
  const [aborted, onAborted] = signal();
  const turn = async (): Promise<void> => {
    onWaiting();
    while (free === 0) await new Promise<void>((resolve) => (wake = resolve));
    free--;
  };
  return {
    waiting,
    aborted,
    get isAnswered() {
      return isAnswered;
    },
    release() {
      free++;
      wake();
    },
    middleware: (next) => async (request, io) => {
      if (request.method !== 'tools/call') return next(request, io);
      io.signal.addEventListener('abort', () => {
        onAborted();
        free = Infinity;
        wake();
      });
      const result = await next(request, {
        signal: io.signal,
        peer: io.peer,
        async emit(notification) {
          if (notification.method === 'notifications/progress') await turn();
          await io.emit(notification);
        },
        ask: io.ask,
        paramHeaders: io.paramHeaders,
        detach: io.detach,
        deadline: io.deadline,
      });
      isAnswered = true;
      return result;
    },
  };
}

function signal(): readonly [Promise<void>, () => void] {
  let raise = (): void => undefined;
  const raised = new Promise<void>((resolve) => (raise = resolve));
  return [raised, raise];
}

/** Runs in the page: keeps every value that the bar takes. */
function recordBar(): void {
  const bar = document.querySelector('progress')!;
  const values: number[] = ((window as { values?: number[] }).values = []);
  new MutationObserver(() => values.push(bar.value)).observe(bar, { attributes: true });
}

/** Runs in the page: resolves to the rule that stops the script. */
function loadForeignScript(): Promise<string> {
  return new Promise((resolve) => {
    document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
      resolve(effectiveDirective),
    );
    const script = document.createElement('script');
    script.src = 'data:text/javascript,';
    script.onload = () => resolve('loaded');
    document.body.append(script);
  });
}
