/** HTTP/1.1 as bytes on a socket, so that no client of Node tidies an attack up. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** What a server answered. */
export interface Heard {
  readonly status: number;
  /** Values by lower-case name; several lines of one name are joined by a comma. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** Statuses below 200 that came before. */
  readonly interim: readonly number[];
}

/** One connection to a server. */
export class Line {
  readonly #socket: Socket;
  #bytes = Buffer.alloc(0);
  #ended = false;
  #wake: (() => void) | undefined;
  /** Resolves when the server has closed the connection. */
  readonly closed: Promise<void>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => {
      const end = (): void => {
        this.#ended = true;
        this.#wake?.();
        resolve();
      };
      socket.once('end', end).once('close', end).on('error', end);
    });
    socket.on('data', (chunk) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#wake?.();
    });
  }

  static async to(port: number, host: string = '127.0.0.1'): Promise<Line> {
    const socket = connect(port, host);
    const line = new Line(socket);
    await once(socket, 'connect');
    return line;
  }

  get isOpen(): boolean {
    return !this.#ended;
  }

  write(bytes: string | Uint8Array): void {
    if (this.#socket.writable) {
      this.#socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    }
  }

  /** Says that nothing more will be sent; what is still to come can be heard. */
  end(): void {
    this.#socket.end();
  }

  hangUp(): void {
    this.#socket.destroy();
  }

  /** The next answer in full; undefined when the connection closed without one. */
  async answer(toMethod: string = 'POST'): Promise<Heard | undefined> {
    const interim: number[] = [];
    for (;;) {
      const head = await this.head();
      if (head === undefined) return undefined;
      if (head.status < 200) interim.push(head.status);
      else return { ...head, interim, body: await this.#body(head, toMethod) };
    }
  }

  /** The head of the next answer, its body unread. */
  async head(): Promise<Omit<Heard, 'body' | 'interim'> | undefined> {
    const at = await this.#find('\r\n\r\n');
    if (at === -1) return undefined;
    const [first = '', ...lines] = this.#take(at + 4).split('\r\n');
    const headers = new Map<string, string>();
    for (const line of lines) {
      const colon = line.indexOf(':');
      if (colon === -1) continue;
      const name = line.slice(0, colon).toLowerCase();
      const value = line.slice(colon + 1).trim();
      const before = headers.get(name);
      headers.set(name, before === undefined ? value : `${before}, ${value}`);
    }
    return { status: Number(first.split(' ', 2)[1]), headers };
  }

  /** Everything that comes before `text`, and `text`; undefined when it never came. */
  async until(text: string): Promise<string | undefined> {
    const at = await this.#find(text);
    return at === -1 ? undefined : this.#take(at + text.length);
  }

  async #body(head: Omit<Heard, 'body' | 'interim'>, toMethod: string): Promise<string> {
    if (toMethod === 'HEAD' || head.status === 204 || head.status === 304) return '';
    if (head.headers.get('transfer-encoding') === 'chunked') return this.#chunks();
    const length = head.headers.get('content-length');
    if (length === undefined) {
      await this.closed;
      return utf8(this.#take(this.#bytes.length));
    }
    await this.#until(() => this.#bytes.length >= Number(length));
    return utf8(this.#take(Number(length)));
  }

  async #chunks(): Promise<string> {
    let body = '';
    for (;;) {
      const at = await this.#find('\r\n');
      if (at === -1) return utf8(body);
      const size = Number.parseInt(this.#take(at + 2), 16);
      await this.#until(() => this.#bytes.length >= size + 2);
      body += this.#take(size + 2).slice(0, size);
      if (size === 0 || !this.isOpen) return utf8(body);
    }
  }

  async #find(text: string): Promise<number> {
    await this.#until(() => this.#bytes.includes(text, 0, 'latin1'));
    return this.#bytes.indexOf(text, 0, 'latin1');
  }

  async #until(ready: () => boolean): Promise<void> {
    while (!ready() && !this.#ended) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #take(length: number): string {
    const taken = this.#bytes.subarray(0, length).toString('latin1');
    this.#bytes = this.#bytes.subarray(length);
    return taken;
  }
}

function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}

/** The text of each event of an event stream, its fields as they stand. */
export function eventsOf(body: string): string[] {
  return body.split('\n\n').filter((event) => event !== '' && !event.startsWith(':'));
}
