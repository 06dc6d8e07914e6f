/** The small HTTP client that the transport needs; one variant on Node, one for the web. */

export interface HttpRequest {
  readonly method: 'POST' | 'GET' | 'DELETE';
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly body?: string;
  /** Ends the request and whatever still comes of its answer. */
  readonly signal?: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /** A header by lower-case name. */
  header(name: string): string | undefined;
  /** Hands over the body piece by piece. Rejects when it breaks off or `onChunk` throws. */
  read(onChunk: (chunk: Uint8Array) => void): Promise<void>;
}

/** Sends one request. Rejects with McpError when no answer comes; redirects are answers. */
export interface HttpSend {
  (request: HttpRequest): Promise<HttpAnswer>;
  /** Lets go of the connections that are kept for later requests. */
  readonly close?: () => void;
}
