/** The official SDK v1. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

export async function open({ url, command, args }) {
  const client = new Client({ name: 'bench', version: '1.0.0' });
  await client.connect(
    url === undefined
      ? new StdioClientTransport({ command, args, stderr: 'ignore' })
      : new StreamableHTTPClientTransport(new URL(url)),
  );
  const call = async (text) =>
    (await client.callTool({ name: 'echo', arguments: { text } })).content[0].text;
  return { call };
}
