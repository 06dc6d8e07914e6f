import { cancellingOf } from '../../engine/cancelling.js';
import { abortError } from '../../engine/pending.js';
import type { Inbound, Link } from '../../engine/link.js';
import { McpError } from '../../errors.js';
import type { Exchange, Io, Notification, Request, Result } from '../../exchange.js';
import { encodeMessage } from '../../json-rpc/encode.js';
import type { Message } from '../../json-rpc/message.js';
import { boundsForClient } from '../../json-rpc/parse.js';
import type { Limits } from '../../limits.js';
import type { Platform } from '../../platform/platform.js';
import { cancelledNotification } from '../../protocol/cancellation.js';
import { hasModernMeta, metaKeys } from '../../protocol/meta.js';
import type { MethodRows } from '../../protocol/methods.js';
import { createConversation } from './conversation.js';
import { mirroredHeaders } from './mirrored-headers.js';
import { bodyKind, readEvents, readJson } from './read-reply.js';
import { readRefusal } from './refusal.js';
import { createRequests, type HttpResponse } from './requests.js';
import type { HttpSend } from './send.js';

export interface HttpLinkOptions {
  readonly url: string;
  readonly send: HttpSend;
  readonly limits: Limits;
  readonly platform: Platform;
  /** Headers of every request, such as Authorization. */
  readonly headers?: { readonly [name: string]: string };
  /** Methods that extensions add: some are named in headers too. */
  readonly methods?: MethodRows;
}

const accept = 'application/json, text/event-stream';

/**
 * A client's connection over Streamable HTTP. Modern requests stand alone: one POST each, whose end
 * is the cancellation. Everything else belongs to a legacy session, which the conversation keeps.
 */
export function httpLink(options: HttpLinkOptions): Link {
  const { url, send, limits, platform } = options;
  const bounds = boundsForClient(limits);
  const requests = createRequests({ send, clock: platform.clock, lingerMs: limits.lingerMs });
  const closing = new AbortController();
  const { signal } = closing;
  const conversation = createConversation({ ...options, requests, bounds, closing: signal });
  let ended: McpError | undefined;
  let markClosed = (_cause?: McpError): void => undefined;
  const closed = new Promise<McpError | undefined>((resolve) => (markClosed = resolve));

  const modern: Exchange = async (request, io) => {
    const meta = request.params?.['_meta'] as { readonly [key: string]: unknown };
    const headers: { [name: string]: string } = {
      ...options.headers,
      'content-type': 'application/json',
      accept,
      ...mirroredHeaders(request, meta[metaKeys.protocolVersion] as string, options.methods),
    };
    if (io.paramHeaders !== undefined) {
      for (const [name, value] of io.paramHeaders) headers[name] = value;
    }
    const body = encodeMessage({ jsonrpc: '2.0', ...request });
    const given = cancellingOf(io);
    const response = await requests.send({ method: 'POST', url, headers, body, signal: given });
    if (response.status !== 200) throw await readRefusal(response, limits);
    return readAnswer(response, request, io);
  };
  // One that waits for changes cannot tell a quiet server from a dead one by anything else.
  const idle = { clock: platform.clock, ms: limits.streamIdleMs, mayCut: () => true };
  const reader = ({ method }: Request) =>
    method === 'subscriptions/listen' ? { bounds, idle } : { bounds };
  const readAnswer = async (response: HttpResponse, request: Request, io: Io): Promise<Result> => {
    let answer: Result | McpError | undefined;
    let found = (): void => undefined;
    const answered = new Promise<void>((resolve) => (found = resolve));
    const onMessage = (message: Message): void => {
      if (answer !== undefined) return;
      if ('method' in message) {
        if (!('id' in message)) void io.emit(message);
      } else if (message.id === request.id || message.id === undefined) {
        answer = 'error' in message ? McpError.fromWire(message.error) : message.result;
        found();
        response.discard();
      }
    };
    const kind = bodyKind(response);
    if (kind === 'other') throw await readRefusal(response, limits);
    if (kind === 'json') onMessage(await readJson(response, bounds));
    // What a server still does with the stream after the answer is nobody's wait.
    else await Promise.race([answered, readEvents(response, { ...reader(request), onMessage })]);
    if (answer === undefined) throw noAnswer();
    if (answer instanceof McpError) throw answer;
    return answer;
  };

  return {
    exchange: async (request, io) => {
      if (ended !== undefined) throw ended;
      const step = hasModernMeta(request.params) ? modern : conversation.exchange;
      try {
        return await step(request, io);
      } catch (thrown) {
        const cancelling = cancellingOf(io);
        if (cancelling.aborted) {
          const error = abortError(cancelling);
          // Nobody may cancel the handshake (basic/lifecycle, "Initialization").
          if (step !== modern && request.method !== 'initialize') {
            const notice = cancelledNotification(request.id, error.message);
            void conversation.notify(notice).catch(() => undefined);
          }
          throw error;
        }
        throw ended ?? lostAnswer(thrown);
      }
    },
    notify: (notification: Notification) => conversation.notify(notification),
    noticesOpen: () => conversation.noticesOpen(),
    accept: (inbound: Inbound) => conversation.accept(inbound),
    closed,
    async close() {
      if (ended !== undefined) return;
      ended = new McpError('connectionClosed', 'The connection was closed');
      await conversation.end();
      closing.abort(ended);
      requests.close(ended);
      markClosed();
    },
  };
}

function noAnswer(): McpError {
  return new McpError('outcomeUnknown', 'The stream ended before the answer came');
}

// What broke off after it was sent may have been done; only errors of our own say more.
function lostAnswer(thrown: unknown): McpError {
  if (thrown instanceof McpError && thrown.kind !== 'connectionClosed') return thrown;
  return new McpError('outcomeUnknown', 'The connection broke before the answer came', {
    cause: thrown,
  });
}
