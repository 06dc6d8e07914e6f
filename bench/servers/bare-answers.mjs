/** What the limit answers to each method: the same words as everybody, and no check of anything. */
import { heavyTools } from './heavy-tools.mjs';

const text = (value) => ({ content: [{ type: 'text', text: value }] });
const info = { name: 'limit', version: '1.0.0' };
const capabilities = { tools: {} };
const tools = [
  { name: 'echo', inputSchema: { type: 'object', properties: { text: { type: 'string' } } } },
  { name: 'work', inputSchema: { type: 'object', properties: { steps: { type: 'integer' } } } },
];
for (const { name, description, schema } of heavyTools()) {
  tools.push({ name, description, inputSchema: schema });
}

export function resultOf({ method, params }) {
  switch (method) {
    case 'tools/call':
      return { resultType: 'complete', ...text(params.arguments.text) };
    case 'tools/list':
      return { resultType: 'complete', tools, ttlMs: 0, cacheScope: 'public' };
    case 'initialize':
      return { protocolVersion: params.protocolVersion, capabilities, serverInfo: info };
    case 'server/discover':
      return {
        resultType: 'complete',
        supportedVersions: ['2026-07-28'],
        capabilities,
        serverInfo: info,
        ttlMs: 0,
        cacheScope: 'public',
        _meta: { 'io.modelcontextprotocol/serverInfo': info },
      };
    default:
      return {};
  }
}

export const isWork = ({ method, params }) => method === 'tools/call' && params.name === 'work';

/** One notification for each step, each in a write of its own, then the result. */
export function writeWork({ id, params }, write) {
  const { steps } = params.arguments;
  const progressToken = params._meta.progressToken;
  const method = 'notifications/progress';
  for (let progress = 1; progress <= steps; progress++) {
    write(JSON.stringify({ jsonrpc: '2.0', method, params: { progressToken, progress } }));
  }
  const result = { resultType: 'complete', ...text(`done:${steps}`) };
  return JSON.stringify({ jsonrpc: '2.0', id, result });
}
