/** Replies of HTTP/1.1, as they come off a socket one after another. */

export interface Reply {
  readonly status: number;
  readonly head: string;
  readonly body: string;
  /** Whether the server closes the connection after it. */
  readonly closes: boolean;
}

const lastChunk = '0\r\n\r\n';

export class ReplyReader {
  #received = '';
  #head: string | undefined;
  #length: number | undefined;

  /** The reply, if this text ends it. */
  add(text: string): Reply | undefined {
    this.#received += text;
    if (this.#head === undefined && !this.#readHead()) return undefined;
    const head = this.#head!;
    const whole =
      this.#length === undefined ? text.endsWith(lastChunk) : this.#received.length >= this.#length;
    if (!whole) return undefined;
    const body = this.#length === undefined ? withoutChunks(this.#received) : this.#received;
    this.#received = '';
    this.#head = undefined;
    return {
      status: Number(head.slice(9, 12)),
      head,
      body,
      closes: /\nconnection: close/i.test(head),
    };
  }

  #readHead(): boolean {
    const end = this.#received.indexOf('\r\n\r\n');
    if (end < 0) return false;
    this.#head = this.#received.slice(0, end);
    this.#received = this.#received.slice(end + 4);
    const length = /\ncontent-length: (\d+)/i.exec(this.#head)?.[1];
    const chunked = /\ntransfer-encoding: chunked/i.test(this.#head);
    // An answer without a body, as 202 may be, has neither.
    this.#length = length !== undefined ? Number(length) : chunked ? undefined : 0;
    return true;
  }
}

function withoutChunks(received: string): string {
  let body = '';
  for (let at = 0; ;) {
    const end = received.indexOf('\r\n', at);
    const length = Number.parseInt(received.slice(at, end), 16);
    if (!(length > 0)) return body;
    body += received.slice(end + 2, end + 2 + length);
    at = end + 2 + length + 2;
  }
}
