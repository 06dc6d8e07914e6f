/** The HTTP doors of the fuzzed endpoint without a socket, and what must come back through them. */
import type { Endpoint } from '../../src/transports/http/index.js';
import type { WireHeaders, WireReply, WireRequest } from '../../src/transports/http/wire.js';
import { type Answer, readAnswer } from './answers.js';
import { type Expected, expectedOf } from './reference-json.js';
import { insist } from './target.js';
import type { MessagesInput } from './targets/messages.js';

export const doorNames = ['modern', 'legacy', 'stdio', 'memory'] as const;
export type DoorName = (typeof doorNames)[number];

/** Sends the messages of an input; rejects when what comes back is not what must. */
export type Door = (input: MessagesInput) => Promise<void>;

const plainHeaders = [
  'Host',
  'localhost',
  'Content-Type',
  'application/json',
  'Accept',
  'application/json, text/event-stream',
];

export function modernDoor(endpoint: Endpoint): Door {
  return async ({ messages, headers }) => {
    for (const [at, bytes] of messages.entries()) {
      const heard = await post(endpoint, bytes, headers[at] ?? []);
      judge(heard, expectedOf(bytes), false);
    }
  };
}

export function legacyDoor(endpoint: Endpoint): Door {
  return async ({ messages }) => {
    // Each input has a session of its own, or what one leaves behind would change the next.
    const welcome = await post(endpoint, handshake, []);
    const session = welcome.headers['mcp-session-id'];
    insist(session !== undefined, () => `no session: ${welcome.body}`);
    const headers = ['Mcp-Session-Id', session];
    const cancelled = new Set<unknown>();
    for (const bytes of messages) {
      const expected = expectedOf(bytes);
      const heard = await post(endpoint, bytes, headers);
      const isCancelled = expected.kind === 'request' && cancelled.has(expected.id);
      if (!isCancelled) judge(heard, expected, true);
      if (expected.kind === 'notification') noteCancelled(expected.value, cancelled);
    }
    const gone = new Heard();
    await endpoint.handle(requestOf('DELETE', new Uint8Array(0), headers), gone);
    insist(gone.status === 200, () => `DELETE was answered ${gone.status}`);
  };
}

export function noteCancelled(
  value: { readonly [name: string]: unknown },
  into: Set<unknown>,
): void {
  if (value['method'] !== 'notifications/cancelled') return;
  const params = value['params'] as { readonly requestId?: unknown } | undefined;
  into.add(params?.requestId);
}

const handshake = Buffer.from(
  JSON.stringify({
    jsonrpc: '2.0',
    id: 'hello',
    method: 'initialize',
    params: {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'fuzz', version: '1' },
    },
  }),
);

async function post(
  endpoint: Endpoint,
  bytes: Uint8Array,
  headers: readonly string[],
): Promise<Heard> {
  const heard = new Heard();
  await endpoint.handle(requestOf('POST', bytes, headers), heard);
  await heard.done;
  return heard;
}

function requestOf(method: string, bytes: Uint8Array, headers: readonly string[]): WireRequest {
  return {
    method,
    target: '/mcp',
    rawHeaders: [...plainHeaders, ...headers],
    httpVersion: '1.1',
    remoteAddress: '127.0.0.1',
    body: () => Promise.resolve(bytes),
  };
}

/** A reply that is heard, and complains when it is given twice. */
class Heard implements WireReply {
  status = 0;
  headers: WireHeaders = {};
  body = '';
  isStream = false;
  /** Why the reply itself is wrong. */
  fault: string | undefined;
  vanished = false;
  #over = false;
  #settle: () => void = () => undefined;
  #vanish: () => void = () => undefined;
  readonly done: Promise<void> = new Promise((resolve) => (this.#settle = resolve));

  send(status: number, headers: WireHeaders, body = ''): void {
    if (this.isStream || this.#over) this.fault ??= `answered twice, the second time ${body}`;
    [this.status, this.headers, this.body] = [status, headers, body];
    this.#finish();
  }

  open(status: number, headers: WireHeaders): void {
    if (this.isStream || this.#over) this.fault ??= 'opened twice';
    [this.status, this.headers, this.isStream] = [status, headers, true];
  }

  write(text: string): boolean {
    if (this.#over) this.fault ??= `written to after its end: ${text}`;
    this.body += text;
    // A stream that nobody ends is left once it has shown that it is there.
    if (this.body.includes('"notifications/subscriptions/acknowledged"'))
      queueMicrotask(this.leave);
    return true;
  }

  end(): void {
    if (this.#over) this.fault ??= 'ended twice';
    this.#finish();
  }

  cut(): void {
    this.#finish();
  }

  onDrain(): void {
    // Everything that is written is taken at once.
  }

  onVanish(listener: () => void): void {
    this.#vanish = listener;
  }

  readonly leave = (): void => {
    if (this.#over) return;
    this.vanished = true;
    this.#finish();
    this.#vanish();
  };

  #finish(): void {
    this.#over = true;
    this.#settle();
  }
}

const statuses = new Set([200, 202, 400, 404, 429, 500]);

function judge(heard: Heard, expected: Expected, batches: boolean): void {
  const { status, body, fault } = heard;
  const told = (): string => `${status} ${body}`;
  insist(fault === undefined, () => fault!);
  insist(statuses.has(status), told);
  if (heard.vanished) return;
  const answers = answersIn(heard);
  if (expected.kind === 'notification' || expected.kind === 'response') {
    if (status === 202) return insist(body === '', told);
    insist(status >= 400 && answers.length === 1, told);
    return insist(answers[0]!.error !== undefined, told);
  }
  // No session of this revision takes them.
  if (expected.kind === 'batch') {
    return insist(
      answers.length === 1 && answers[0]!.error?.code === -32600,
      () => `${batches} ${told()}`,
    );
  }
  insist(answers.length === 1, () => `${answers.length} answers: ${told()}`);
  judgeAnswer(answers[0]!, expected, told);
}

export function judgeAnswer(
  answer: Answer,
  expected: Extract<Expected, { kind: 'request' | 'refused' }>,
  told: () => string,
): void {
  if (expected.kind === 'request') {
    return insist(answer.id === expected.id, () => `the id of another: ${told()}`);
  }
  insist(answer.error !== undefined, () => `a result for what is no request: ${told()}`);
  insist(expected.code.includes(answer.error.code), () => `the code of something else: ${told()}`);
  const known = answer.id === undefined || expected.ids.includes(answer.id);
  insist(known, () => `an id that nobody sent: ${told()}`);
}

function answersIn({ isStream, body, headers }: Heard): Answer[] {
  const type = headers['content-type'];
  if (!isStream) {
    if (body === '') return [];
    insist(type === 'application/json', () => `a body of type ${type}`);
    return [readAnswer(body)].filter((answer) => answer !== undefined);
  }
  insist(type === 'text/event-stream', () => `a stream of type ${type}`);
  return body
    .split('\n\n')
    .flatMap((event) => event.split('\n').filter((line) => line.startsWith('data: ')))
    .flatMap((line) => (line === 'data: ' ? [] : (readAnswer(line.slice(6)) ?? [])));
}
