/** The official SDK v2; it speaks the modern era where BENCH_ERA asks for it. */
import { Client, StreamableHTTPClientTransport as Http } from '@modelcontextprotocol/client';
import { StdioClientTransport as Stdio } from '@modelcontextprotocol/client/stdio';
import { openWith } from './sdk-calls.mjs';

const info = { name: 'bench', version: '1.0.0' };
const mode = process.env.BENCH_ERA === 'modern' ? { pin: '2026-07-28' } : 'legacy';

export const open = (target) =>
  openWith(new Client(info, { versionNegotiation: { mode } }), { Http, Stdio }, target);
