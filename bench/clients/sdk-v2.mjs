/** The official SDK v2; it speaks the modern era where BENCH_ERA asks for it. */
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

const mode = process.env.BENCH_ERA === 'modern' ? { pin: '2026-07-28' } : 'legacy';

export async function open({ url, command, args }) {
  const info = { name: 'bench', version: '1.0.0' };
  const client = new Client(info, { versionNegotiation: { mode } });
  await client.connect(
    url === undefined
      ? new StdioClientTransport({ command, args, stderr: 'ignore' })
      : new StreamableHTTPClientTransport(new URL(url)),
  );
  const call = async (text) =>
    (await client.callTool({ name: 'echo', arguments: { text } })).content[0].text;
  return { call };
}
