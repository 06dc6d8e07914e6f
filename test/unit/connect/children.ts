import { supervise, type SuperviseOptions } from '../../../src/connect/supervise.js';
import type { Inbound, Link } from '../../../src/engine/link.js';
import { abortError } from '../../../src/engine/pending.js';
import { McpError } from '../../../src/errors.js';
import type { Io, Request, Result } from '../../../src/exchange.js';
import { type Limits, resolveLimits } from '../../../src/limits.js';
import { metaKeys } from '../../../src/protocol/meta.js';
import { manualPlatform, type ManualPlatform } from '../../../src/testing/clock.js';

/** A child that answers when a test says so. */
export interface Child {
  readonly asked: Request[];
  inbound: Inbound | undefined;
  isClosed: boolean;
  /** It takes until then to be gone. */
  lingers: Promise<void>;
  answer(id: number, result?: Result): void;
  refuse(id: number): void;
  /** Says something that answers nothing. */
  mutter(): void;
  die(message?: string): void;
}

export interface Family {
  readonly link: Link;
  readonly children: Child[];
  readonly warnings: string[];
  readonly platform: ManualPlatform;
  /** What the next starts fail with. */
  readonly unwilling: McpError[];
}

type Changes = Partial<Omit<SuperviseOptions, 'limits'>> & { readonly limits?: Partial<Limits> };

export async function family(changes: Changes = {}): Promise<Family> {
  const platform = manualPlatform();
  const children: Child[] = [];
  const warnings: string[] = [];
  const unwilling: McpError[] = [];
  let lastId = 1000;
  const link = await supervise({
    platform,
    nextId: () => ++lastId,
    onWarning: (warning) => void warnings.push(warning),
    ...changes,
    limits: resolveLimits(changes.limits),
    start() {
      const why = unwilling.shift();
      if (why !== undefined) return Promise.reject(why);
      const { child, link: childLink } = birth();
      children.push(child);
      return Promise.resolve(childLink);
    },
  });
  return { link, children, warnings, platform, unwilling };
}

function birth(): { child: Child; link: Link } {
  const open = new Map<unknown, { resolve(result: Result): void; reject(why: McpError): void }>();
  let markClosed = (_cause?: McpError): void => undefined;
  const closed = new Promise<McpError | undefined>((resolve) => (markClosed = resolve));
  let heard = 0;
  const fail = (why: McpError): void => {
    for (const { reject } of open.values()) reject(why);
    open.clear();
  };
  const child: Child = {
    asked: [],
    inbound: undefined,
    isClosed: false,
    lingers: Promise.resolve(),
    answer: (id, result = {}) => open.get(id)?.resolve(result),
    refuse: (id) => open.get(id)?.reject(new McpError('peer', 'No', { fromPeer: true })),
    mutter: () => void heard++,
    die(message = 'The server exited with code 3 (standard error: out of luck)') {
      const cause = new McpError('connectionClosed', message);
      fail(new McpError('outcomeUnknown', `${message} before it answered`, { cause }));
      markClosed(cause);
    },
  };
  const link: Link = {
    exchange: (request, { signal }) => {
      child.asked.push(request);
      return new Promise<Result>((resolve, reject) => {
        open.set(request.id, { resolve, reject });
        signal.addEventListener('abort', () => reject(abortError(signal)));
      }).finally(() => open.delete(request.id));
    },
    notify: () => undefined,
    heard: () => heard,
    accept: (inbound) => (child.inbound = inbound),
    closed,
    close() {
      child.isClosed = true;
      fail(new McpError('connectionClosed', 'The connection was closed'));
      markClosed();
      return child.lingers;
    },
  };
  return { child, link };
}

const _meta = { [metaKeys.protocolVersion]: 'any' };

export const question = (id: number, method = 'tools/call'): Request => ({
  id,
  method,
  params: { _meta },
});

export const io = (signal: AbortSignal = new AbortController().signal): Io => ({
  signal,
  peer: { principal: { id: 'server' }, protocolVersion: '', capabilities: {} },
  emit: () => undefined,
});

/** Puts a question and has it answered, by the newest child. */
export async function served({ link, children }: Family, id: number): Promise<void> {
  const asked = link.exchange(question(id), io());
  children.at(-1)!.answer(id);
  await asked;
}

/** How it ended: `answered`, or what kind of error it failed with. */
export async function kindOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'answered';
  } catch (thrown) {
    return McpError.from(thrown).kind;
  }
}
