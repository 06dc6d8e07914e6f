import { createRequire } from 'node:module';
import { existsSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Served } from '../exchange.js';
import { Failure, usage } from './failure.js';

/** Loads the server that a module exports by default. Rejects with a Failure that says why not. */
export async function loadServer(module: string): Promise<Served> {
  const url = locate(module);
  if (/^\.[cm]?tsx?$/.test(extname(url.pathname))) await prepareTypeScript(url);
  const { default: server } = (await importModule(url)) as { readonly default?: unknown };
  if (isServed(server)) return server;
  throw usage(
    `The default export of "${module}" is ${server === undefined ? 'missing' : 'no server'}.`,
    'Write: export default createServer({ name, version })',
  );
}

/** A path, or the name of an installed package. */
function locate(module: string): URL {
  const path = resolve(module);
  if (existsSync(path)) return pathToFileURL(path);
  try {
    // What is installed where the user stands, not where sallyport is.
    const here = createRequire(join(process.cwd(), 'package.json'));
    return pathToFileURL(here.resolve(module));
  } catch {
    throw usage(`There is no module "${module}".`, 'Give the path of a file, such as ./server.js');
  }
}

/** TypeScript runs by tsx where that is installed, or else by Node itself where it can. */
async function prepareTypeScript(url: URL): Promise<void> {
  const near = [fileURLToPath(url), join(process.cwd(), 'package.json'), import.meta.filename];
  for (const place of near) {
    const tsx = resolveFrom(place, 'tsx');
    if (tsx === undefined) continue;
    // What `node --import tsx` does.
    await importModule(pathToFileURL(tsx));
    return;
  }
  const { typescript } = process.features as { readonly typescript?: unknown };
  if (typescript !== undefined && typescript !== false) return;
  throw usage(
    `Node ${process.versions.node} does not run TypeScript by itself.`,
    'Install tsx beside the module (npm install --save-dev tsx), or serve compiled JavaScript.',
  );
}

function resolveFrom(place: string, name: string): string | undefined {
  try {
    return createRequire(place).resolve(name);
  } catch {
    return undefined;
  }
}

async function importModule(url: URL): Promise<unknown> {
  try {
    return (await import(url.href)) as unknown;
  } catch (cause) {
    const said = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
    throw new Failure('usage', `${fileURLToPath(url)} failed to load: ${said}`, '', cause);
  }
}

function isServed(value: unknown): value is Served {
  if (typeof value !== 'object' || value === null) return false;
  const { exchange, info } = value as Partial<Served>;
  return typeof exchange === 'function' && typeof info === 'object';
}
