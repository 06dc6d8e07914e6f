import type { ListName } from '../demo.js';
import type { Inbox } from './inbox.js';

/** What a test asks of any client, in words that fit ours and both official ones. */
export interface InteropClient {
  readonly protocolVersion: string | undefined;
  readonly server: { readonly name?: string; readonly version?: string } | undefined;
  readonly capabilities: object | undefined;
  readonly instructions: string | undefined;
  /** How the server's questions are answered from now on. */
  readonly answers: DemoAnswers;
  /** Log messages as they come. */
  readonly logs: Inbox<LogEntry>;
  ping(): Promise<void>;
  /** All items of a list, whatever number of pages they come in. */
  list(what: ListName | 'templates'): Promise<readonly Item[]>;
  call(name: string, args?: object, options?: CallWishes): Promise<ToolAnswer>;
  read(uri: string): Promise<readonly ReadContents[]>;
  prompt(name: string, args: { readonly [name: string]: string }): Promise<readonly unknown[]>;
  complete(request: CompleteWish): Promise<readonly string[]>;
  /** Changes of lists and of these resources, from now on. */
  watch(what: { lists?: readonly ListName[]; uris?: readonly string[] }): Promise<Watching>;
  close(): Promise<void>;
}

export interface Item {
  readonly name: string;
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly [member: string]: unknown;
}

export interface ToolAnswer {
  readonly content: readonly unknown[];
  readonly structuredContent?: unknown;
  readonly isError?: boolean | undefined;
  readonly _meta?: { readonly [key: string]: unknown } | undefined;
}

export interface ReadContents {
  readonly uri: string;
  readonly text?: string;
  readonly blob?: string;
}

export interface LogEntry {
  readonly level: string;
  readonly logger?: string | undefined;
  readonly data?: unknown;
}

export interface ProgressStep {
  readonly done: number;
  readonly of?: number | undefined;
  readonly message?: string | undefined;
}

export interface CallWishes {
  readonly signal?: AbortSignal;
  readonly onProgress?: (step: ProgressStep) => void;
  readonly meta?: { readonly [key: string]: unknown };
  /** How the task of the call stands; only ours tells. */
  readonly onTask?: (task: { readonly status: string }) => void;
}

export interface CompleteWish {
  readonly ref: { type: 'ref/prompt'; name: string } | { type: 'ref/resource'; uri: string };
  readonly argument: { readonly name: string; readonly value: string };
  readonly context?: { readonly arguments: { [name: string]: string } };
}

export interface Watching {
  /** `tools`, `prompts`, `resources`, or the URI of a resource that changed. */
  readonly changes: Inbox<string>;
  stop(): Promise<void>;
}

type Said = { readonly action: 'accept' | 'decline' | 'cancel'; readonly content?: FormContent };
type FormContent = { [field: string]: string | number | boolean | string[] };

export interface Root {
  uri: string;
  name?: string;
}

export interface DemoAnswers {
  form: (question: { readonly message: string; readonly requestedSchema: object }) => Said;
  url: (question: { readonly message: string; readonly url: string }) => Said;
  sample: (params: { readonly messages: readonly unknown[]; maxTokens: number }) => string;
  roots: () => Root[];
}

export const testClient = { name: 'interop-client', version: '0.0.1' };
export const model = 'model-of-the-test';

/** Until a test says otherwise, nobody is at home. */
export function createDemoAnswers(): DemoAnswers {
  return {
    form: () => ({ action: 'cancel' }),
    url: () => ({ action: 'cancel' }),
    sample: () => 'Nothing',
    roots: () => [],
  };
}
