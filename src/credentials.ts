/** What a client and whoever gets it its tokens agree on. */
import type { Limits } from './limits.js';
import type { Platform } from './platform/platform.js';

/** How a client gets in where a server wants to know who calls. */
export interface Credentials {
  /** For one connection. */
  openFor(server: CredentialsContext): Presenter;
}

export interface CredentialsContext {
  /** The address of the server, as the user gave it. */
  readonly url: string;
  readonly limits: Limits;
  readonly platform: Platform;
  /** Aborts when nobody wants to connect any more. */
  readonly signal: AbortSignal | undefined;
  /** Does what a person is waited for: no call times out meanwhile. */
  readonly waiting: <Value>(work: () => Promise<Value>) => Promise<Value>;
}

/** Shows a server who is calling. */
export interface Presenter {
  /** What goes with a request. Rejects with McpError when there is no way to tell. */
  headers(request: ShownRequest): Promise<{ readonly [name: string]: string }>;
  /**
   * Takes a refusal, with status 401 or 403, of a request that went with `shown`. Resolves with
   * whether the request is worth sending again. Rejects with McpError when the way in failed.
   */
  refused(refusal: RefusedRequest): Promise<boolean>;
  /** Takes every other answer. */
  accepted(shown: { readonly [name: string]: string }, answer: AnswerHeaders): void;
}

export interface ShownRequest {
  readonly method: string;
  readonly url: string;
}

export interface AnswerHeaders {
  /** A header by lower-case name. */
  header(name: string): string | undefined;
}

export interface RefusedRequest extends ShownRequest, AnswerHeaders {
  readonly status: 401 | 403;
  /** What was to be done, such as `tools/call greet`, where the request says so in its headers. */
  readonly operation?: string;
  readonly shown: { readonly [name: string]: string };
}
