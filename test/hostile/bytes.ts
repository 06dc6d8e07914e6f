import type { Headers, Parts } from './attack.js';

/** Values for the words in braces: `{port}`, `{session}`, … */
export type Words = { readonly [word: string]: string | number };

export function bodyBytes(body: unknown, words: Words): Buffer {
  if (body === undefined) return Buffer.alloc(0);
  if (body instanceof Uint8Array) return Buffer.from(body);
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return Buffer.from(fill(text, words), 'utf8');
}

/** Header lines in their order, with their words filled in. */
export function headerLines(headers: Headers, words: Words): [name: string, value: string][] {
  return Object.entries(headers).flatMap(([name, value]) => {
    const values = value === null ? [] : typeof value === 'string' ? [value] : value;
    return values.map((one): [string, string] => [name, fill(one, words)]);
  });
}

/** The request as it goes over the wire, in pieces that are sent one by one. */
export function wireBytes(parts: Parts, words: Words): Buffer {
  if (parts.raw !== undefined) return Buffer.from(fill(parts.raw, words), 'latin1');
  const { method, target, version = '1.1', chunked } = parts;
  const body = bodyBytes(parts.body, words);
  const lines = headerLines(parts.headers, words);
  const has = (name: string): boolean => name in parts.headers;
  if (chunked !== undefined) lines.push(['Transfer-Encoding', 'chunked']);
  else if (parts.body !== undefined && !has('content-length') && !has('transfer-encoding')) {
    lines.push(['Content-Length', String(body.length)]);
  }
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.concat([
    Buffer.from(`${method} ${fill(target, words)} HTTP/${version}\r\n${head}\r\n`, 'latin1'),
    chunked === undefined ? body : chunks(body, chunked),
  ]);
}

function chunks(body: Buffer, size: number): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < body.length; at += size) {
    const piece = body.subarray(at, at + size);
    pieces.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'));
  }
  return Buffer.concat([...pieces, Buffer.from('0\r\n\r\n')]);
}

export function fill(text: string, words: Words): string {
  return text.replace(/\{([a-z]+)\}/g, (whole, word: string) => String(words[word] ?? whole));
}
