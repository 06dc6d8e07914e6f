import { abortSignalOf } from '../../engine/cancelling.js';
import { McpError } from '../../errors.js';
import { type HttpSend, unanswered } from './send.js';

/** Sends by web `fetch`: for browsers and for fetch implementations of your own. */
export function fetchSend(fetch: typeof globalThis.fetch = globalThis.fetch): HttpSend {
  return async ({ url, method, headers, body, signal }) => {
    const init: RequestInit = { method, headers, redirect: 'manual', credentials: 'omit' };
    if (body !== undefined) init.body = body;
    if (signal !== undefined) init.signal = abortSignalOf(signal);
    const response = await fetch(url, init).catch((cause: unknown) => {
      throw unanswered(url, cause);
    });
    return {
      status: response.status,
      header: (name) => response.headers.get(name) ?? undefined,
      async read(onChunk) {
        const reader = response.body?.getReader();
        if (reader === undefined) return;
        try {
          for (;;) {
            const { done, value } = await reader.read().catch(brokeOff);
            if (done) return;
            onChunk(value);
          }
        } catch (thrown) {
          void reader.cancel().catch(() => undefined);
          throw thrown;
        } finally {
          reader.releaseLock();
        }
      },
    };
  };
}

function brokeOff(cause: unknown): never {
  throw new McpError('connectionClosed', 'The body broke off', { cause });
}
