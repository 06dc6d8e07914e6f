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
  'https://[zz]',
  'app://bücher',
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

test.each([
  ['https://app.example:443', 'https://app.example'],
  ['http://app.example:80', 'http://app.example'],
  ['HTTPS://App.example:0443', 'https://app.example'],
  ['https://bücher.example', 'https://xn--bcher-kva.example'],
  ['http://[0:0::1]:3000', 'http://[::1]:3000'],
  ['http://127.1', 'http://127.0.0.1'],
])('an origin as no browser writes it: %s', (one, right) => {
  const open = (): unknown => createEndpoint(createVictim().served, { allowedOrigins: [one] });
  expect(open).toThrow(RangeError);
  expect(open).toThrow(`allowedOrigins: browsers write "${one}" as ${right}; so must you`);
});

test('what is written well is taken, in whatever case', () => {
  const endpoint = createEndpoint(createVictim().served, {
    allowedOrigins: ['https://App.example', 'vscode-webview://1a2b', 'http://[::1]:3000'],
    allowedHosts: ['MCP.example', 'mcp.example:8443', '[2001:db8::1]:80'],
    publicUrl: 'https://mcp.example/mcp',
  });
  expect(endpoint.paths).toEqual(['/mcp']);
});
