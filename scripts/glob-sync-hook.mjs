/**
 * Lets the official conformance suite start on Node 20: it imports `globSync` from `fs`, which
 * came with Node 22, for a subcommand that is not used here. Load it with `node --import`.
 */
import fs from 'node:fs';
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

// Node loads this file twice: to be registered here, and as the hooks in a thread of their own.
if (isMainThread && !('globSync' in fs)) register(import.meta.url);

const stand = `
export * from 'node:fs';
export { default } from 'node:fs';
export function globSync() {
  throw new Error('globSync needs Node 22');
}`;

export async function resolve(specifier, context, next) {
  if (specifier !== 'fs' || !context.parentURL?.includes('/@modelcontextprotocol/conformance/')) {
    return next(specifier, context);
  }
  return { url: `data:text/javascript,${encodeURIComponent(stand)}`, shortCircuit: true };
}
