/** What a test asks of any client that reads numbered events. */
export type ClientName = 'ours' | 'v1' | 'v2';

/** What a client hears, told as soon as it does. */
export interface Ears {
  /** An event of a call: `tag/n`. The answer is the last of them. */
  event(text: string): void;
  /** A notice that names a resource. */
  notice(uri: string): void;
  /** The client was told that something may be missing. */
  gap(): void;
}

/** How a call ended at the client. */
export type CallEnd =
  | { readonly kind: 'answered' }
  /** Nobody knows what became of it. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'failed'; readonly why: string };

export interface Receiver {
  /** `holds`: the server answers only when it is told to. */
  call(tag: string, events: number, holds?: boolean): Promise<CallEnd>;
  /** How often it had forgotten where it was, and was told. */
  readonly forgotten?: () => number;
  close(): Promise<void>;
}

/** Connects a client that has its stream of notices and watches `uris`. */
export type ConnectReceiver = (
  url: string,
  uris: readonly string[],
  ears: Ears,
) => Promise<Receiver>;

/** For clients that would give up, or wait, where networks fail all the time. */
export const patience = { firstMs: 10, longestMs: 100, retriesMax: 10_000, callMs: 120_000 };

/** The text of an answer of the tool `count`. */
export function textOf({ content }: { readonly content?: unknown }): string {
  const [first] = content as readonly { readonly text?: string }[];
  return first?.text ?? '';
}
