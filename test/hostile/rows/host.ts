import { type AttackGroup, plainGet, wipe } from '../attack.js';

const malformed = { status: 400, connection: 'closed' } as const;

export const host: AttackGroup = {
  guard: 'host',
  stoppedBy: 'src/transports/http/guards/host.ts',
  each: { class: 'A', enforcedBy: 'request', answer: { status: 403 }, naive: 'runs' },
  attacks: [
    {
      name: 'a rebound name',
      headers: { host: 'evil.example:{port}', origin: 'http://evil.example:{port}' },
    },
    {
      name: 'a rebound name, read by GET without an Origin',
      of: plainGet,
      headers: { host: 'evil.example:{port}' },
      naive: 'answers',
    },
    {
      name: 'a rebound name on another path',
      target: '/sse',
      headers: { host: 'evil.example:{port}' },
    },
    {
      name: 'a rebound name by DELETE',
      of: { ...plainGet, method: 'DELETE' },
      headers: { host: 'evil.example' },
      naive: 'answers',
    },
    { name: 'the address of all interfaces', headers: { host: '0.0.0.0:{port}' } },
    { name: 'the address of all interfaces, IPv6', headers: { host: '[::]:{port}' } },
    { name: 'a public address', headers: { host: '203.0.113.9:{port}' } },
    { name: 'another loopback address', headers: { host: '127.0.0.2:{port}' } },
    { name: 'loopback written short', headers: { host: '127.1:{port}' } },
    { name: 'loopback in hexadecimal', headers: { host: '0x7f000001:{port}' } },
    { name: 'loopback as one number', headers: { host: '2130706433:{port}' } },
    { name: 'loopback in octal', headers: { host: '0177.0.0.1:{port}' } },
    { name: 'loopback mapped into IPv6', headers: { host: '[::ffff:127.0.0.1]:{port}' } },
    { name: 'localhost as a label', headers: { host: 'localhost.evil.example:{port}' } },
    { name: 'a name that ends like it', headers: { host: 'notlocalhost:{port}' } },
    { name: 'localhost with a dot', headers: { host: 'localhost.:{port}' } },
    { name: 'a name under localhost', headers: { host: 'evil.localhost:{port}' } },
    { name: 'an address as a label', headers: { host: '127.0.0.1.evil.example:{port}' } },
    { name: 'a star', headers: { host: '*' }, answer: malformed },
    { name: 'user info', headers: { host: 'evil.example@localhost:{port}' }, answer: malformed },
    {
      name: 'user info, the other way',
      headers: { host: 'localhost@evil.example' },
      answer: malformed,
    },
    { name: 'a path', class: 'L', headers: { host: 'localhost/x' }, answer: malformed },
    {
      name: 'a path that moves the route',
      class: 'L',
      headers: { host: 'localhost:{port}/healthz?' },
      answer: malformed,
    },
    { name: 'a query', class: 'L', headers: { host: 'localhost?x' }, answer: malformed },
    {
      name: 'a fragment',
      class: 'L',
      headers: { host: 'localhost#.evil.example' },
      answer: malformed,
    },
    { name: 'a backslash', class: 'L', headers: { host: 'localhost\\@evil' }, answer: malformed },
    {
      name: 'a scheme',
      class: 'L',
      headers: { host: 'http://localhost:{port}' },
      answer: malformed,
    },
    { name: 'an escape', headers: { host: '%6c%6f%63%61%6chost' }, answer: malformed },
    { name: 'a list', headers: { host: 'localhost, evil.example' }, answer: malformed },
    {
      name: 'two names with a blank',
      headers: { host: 'localhost evil.example' },
      answer: malformed,
    },
    { name: 'a port that is none', headers: { host: 'localhost:99999' }, answer: malformed },
    { name: 'a port of letters', headers: { host: 'localhost:http' }, answer: malformed },
    { name: 'two ports', headers: { host: 'localhost:1:2' }, answer: malformed },
    { name: 'a colon without a port', headers: { host: 'localhost:' }, answer: malformed },
    { name: 'a bracket that does not close', headers: { host: '[::1' }, answer: malformed },
    { name: 'IPv6 with a zone', headers: { host: '[::1%25eth0]' }, answer: malformed },
    { name: 'IPv6 without brackets', headers: { host: '::1' }, answer: malformed },
    { name: 'nothing', headers: { host: '' }, answer: malformed },
    { name: 'letters beyond ASCII', headers: { host: 'l\u00f6calhost' }, answer: malformed },
    { name: 'a name of 300 letters', headers: { host: 'a'.repeat(300) }, answer: malformed },
    {
      name: 'no Host',
      headers: { host: null },
      enforcedBy: 'listener',
      answer: malformed,
    },
    {
      name: 'X-Forwarded-Host in its place',
      headers: { host: 'evil.example', 'x-forwarded-host': 'localhost' },
    },
    {
      name: 'a listed name with another port',
      setup: { allowedHosts: ['mcp.example:8443'] },
      headers: { host: 'mcp.example:9999' },
    },
    {
      name: 'a name that only ends like a listed one',
      setup: { allowedHosts: ['mcp.example'] },
      headers: { host: 'evil-mcp.example' },
    },
    {
      name: 'a name under a listed one',
      setup: { allowedHosts: ['mcp.example'] },
      headers: { host: 'evil.mcp.example' },
    },
    {
      name: 'any name, when the list holds a star',
      class: 'I',
      setup: { allowedHosts: ['*'] },
      headers: { host: 'evil.example' },
    },
    {
      name: 'any name, when the list is empty',
      class: 'I',
      setup: { allowedHosts: [] },
      headers: { host: 'evil.example' },
    },
  ],
};

/** What the same guard must let through: container, tunnel and cluster port mappings. */
export const goodHosts: readonly string[] = [
  'localhost',
  'LOCALHOST:1',
  '127.0.0.1:65535',
  '[::1]:{port}',
  '[::1]',
];

export const goodCall = wipe;
