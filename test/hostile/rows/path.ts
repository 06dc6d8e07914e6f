import { type AttackGroup, callOf, plainGet } from '../attack.js';

const inQuery = encodeURIComponent(JSON.stringify(callOf('wipe')));

export const path: AttackGroup = {
  guard: 'path',
  cites: ['guards/tokens-in-queries'],
  stoppedBy: 'src/transports/http/guards/path.ts',
  each: { class: 'L', enforcedBy: 'request', answer: { status: 404 }, naive: 'runs' },
  attacks: [
    { name: 'a slash at the end', target: '/mcp/' },
    { name: 'two slashes before', target: '//mcp', enforcedBy: 'node' },
    { name: 'another host between slashes', target: '//evil.example/mcp', enforcedBy: 'node' },
    { name: 'capital letters', target: '/MCP' },
    { name: 'an escaped letter', target: '/%6dcp' },
    { name: 'an escaped slash', target: '/x%2f..%2fmcp' },
    { name: 'a dot segment', target: '/./mcp', enforcedBy: 'node' },
    { name: 'a way back', target: '/healthz/../mcp', enforcedBy: 'node' },
    { name: 'an escaped way back', target: '/healthz/%2e%2e/mcp', enforcedBy: 'node' },
    { name: 'a backslash', target: '/healthz\\..\\mcp', enforcedBy: 'node' },
    { name: 'a parameter of the path', target: '/mcp;x=1' },
    { name: 'an escaped NUL', target: '/mcp%00' },
    { name: 'an escaped blank', target: '/mcp%20' },
    { name: 'a longer name', target: '/mcp2' },
    { name: 'a fragment', target: '/mcp#x', enforcedBy: 'node' },
    { name: 'the root', target: '/' },
    { name: 'a health check that is none', target: '/healthz/mcp' },
    { name: 'an admin page', target: '/admin' },
    { name: 'an inspector', class: 'I', target: '/inspector' },
    {
      name: 'the endpoints of 2024 that nobody opened',
      class: 'I',
      target: '/messages?sessionId=1',
    },
    { name: 'the stream of 2024', class: 'I', of: plainGet, target: '/sse', naive: 'answers' },
    { name: 'an empty query', target: '/mcp?' },
    { name: 'a token in the query', class: 'I', target: '/mcp?access_token=alice' },
    { name: 'a key in the query', class: 'I', target: '/mcp?api_key=alice' },
    { name: 'a session in the query', class: 'E', target: '/mcp?sessionId=1' },
    { name: 'a message in the query', class: 'C', of: plainGet, target: `/mcp?message=${inQuery}` },
    { name: 'another path in the query', target: '/mcp?path=/admin' },
    {
      name: 'X-Original-URL',
      target: '/',
      headers: { 'x-original-url': '/mcp', 'x-rewrite-url': '/mcp' },
    },
    { name: 'a POST on the health check', target: '/healthz' },
    {
      name: 'a wrong path from a listed name',
      setup: { publicUrl: 'https://a.example/mcp' },
      target: '/x',
    },
  ],
};
