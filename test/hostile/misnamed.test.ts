/** A list that could never match, or that means to match everything, is refused where it is made. */
import { expect, test } from 'vitest';
import { createEndpoint, type EndpointOptions } from '../../src/transports/http/index.js';
import { createVictim } from './victim.js';

const origins = [
  '*',
  'null',
  'app.example',
  'https://*.example',
  'https://app.example/',
  'a://b@c',
];
const hosts = ['*', '', '*.example', 'https://mcp.example', 'mcp.example/mcp', 'a@mcp.example'];
const urls = ['mcp.example', 'ftp://mcp.example', ''];

test.each<[EndpointOptions, string]>([
  ...origins.map((one): [EndpointOptions, string] => [
    { allowedOrigins: [one] },
    `allowedOrigins: "${one}" is no origin; write each one whole, like https://app.example`,
  ]),
  ...hosts.map((one): [EndpointOptions, string] => [
    { allowedHosts: [one] },
    `allowedHosts: "${one}" is no host; write each one whole, like mcp.example`,
  ]),
  ...urls.map((one): [EndpointOptions, string] => [
    { publicUrl: one },
    `publicUrl: "${one}" is no URL like https://mcp.example/mcp`,
  ]),
])('%o', (options, message) => {
  const open = (): unknown => createEndpoint(createVictim().served, options);
  expect(open).toThrow(RangeError);
  expect(open).toThrow(message);
});

test('what is written well is taken, in whatever case', () => {
  const endpoint = createEndpoint(createVictim().served, {
    allowedOrigins: ['https://App.example', 'vscode-webview://1a2b', 'http://[::1]:3000'],
    allowedHosts: ['MCP.example', 'mcp.example:8443', '[2001:db8::1]:80'],
    publicUrl: 'https://mcp.example/mcp',
  });
  expect(endpoint.paths).toEqual(['/mcp']);
});
