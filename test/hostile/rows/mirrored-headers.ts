import { type AttackGroup, callOf, modern, modernCall } from '../attack.js';

const query = modernCall('query', { region: 'eu' });

export const mirroredHeaders: AttackGroup = {
  guard: 'mirrored-headers',
  cites: [
    'headers/disagree',
    'headers/missing',
    'headers/case',
    'headers/base64-broken',
    'params/required',
  ],
  stoppedBy: 'src/transports/http/mirrored-headers.ts',
  each: {
    class: 'P',
    enforcedBy: 'request',
    answer: { status: 400, code: -32020 },
    naive: 'runs',
  },
  attacks: [
    { name: 'a harmless name above a harmful call', headers: { 'mcp-name': 'look' } },
    { name: 'a harmless method', headers: { 'mcp-method': 'tools/list' } },
    { name: 'another version', headers: { 'mcp-protocol-version': '2025-11-25' } },
    { name: 'no name', headers: { 'mcp-name': null } },
    { name: 'no method', headers: { 'mcp-method': null } },
    { name: 'no version', headers: { 'mcp-protocol-version': null } },
    {
      name: 'nothing of all that',
      headers: { 'mcp-name': null, 'mcp-method': null, 'mcp-protocol-version': null },
    },
    { name: 'capital letters in the name', headers: { 'mcp-name': 'WIPE' } },
    { name: 'capital letters in the method', headers: { 'mcp-method': 'Tools/Call' } },
    { name: 'an empty name', headers: { 'mcp-name': '' } },
    { name: 'a list of names', headers: { 'mcp-name': 'look, wipe' } },
    { name: 'an escaped name', headers: { 'mcp-name': '%77ipe' } },
    { name: 'another name in base64', headers: { 'mcp-name': '=?base64?bG9vaw==?=' } },
    { name: 'base64 that is none', headers: { 'mcp-name': '=?base64?!!?=' } },
    { name: 'base64 with spare bits', headers: { 'mcp-name': '=?base64?d2lwZR==?=' } },
    { name: 'base64 without padding', headers: { 'mcp-name': '=?base64?d2lwZQ?=' } },
    { name: 'base64 of bytes that are no UTF-8', headers: { 'mcp-name': '=?base64?/w==?=' } },
    { name: 'capital letters in the marker', headers: { 'mcp-name': '=?BASE64?d2lwZQ==?=' } },
    { name: 'a name beyond ASCII', headers: { 'mcp-name': 'w\u00efpe' } },
    { name: 'a no-break space around the name', headers: { 'mcp-name': '\u00a0wipe\u00a0' } },
    { name: 'a no-break space around the method', headers: { 'mcp-method': 'tools/call\u00a0' } },
    {
      name: 'a harmless resource above another',
      body: modern('resources/read', { uri: 'file:///secret' }),
      headers: { 'mcp-method': 'resources/read', 'mcp-name': 'file:///public' },
      naive: 'answers',
    },
    { name: 'another value of a parameter', of: query, headers: { 'mcp-param-region': 'us' } },
    { name: 'no value of a parameter', of: query },
    { name: 'an empty value of a parameter', of: query, headers: { 'mcp-param-region': '' } },
    {
      name: 'a value of a parameter that is not sent',
      of: modernCall('query'),
      headers: { 'mcp-param-region': 'eu' },
    },
    {
      name: 'another value in base64',
      of: query,
      headers: { 'mcp-param-region': '=?base64?dXM=?=' },
    },
    {
      name: 'an argument with a line end, its header cut there',
      class: 'Q',
      of: { ...query, body: callOf('query', { region: 'eu\r\nX-Evil: 1' }) },
      headers: { 'mcp-param-region': 'eu' },
    },
  ],
};
