import { type AttackGroup, legacyCall, plainGet } from '../attack.js';

const listed = { allowedOrigins: ['https://app.example'] };

export const origin: AttackGroup = {
  guard: 'origin',
  cites: ['http/origin', 'session/origin'],
  stoppedBy: 'src/transports/http/guards/origin.ts',
  each: { class: 'A', enforcedBy: 'request', answer: { status: 403 }, naive: 'runs' },
  attacks: [
    { name: 'another site', headers: { origin: 'https://evil.example' } },
    { name: 'a sandboxed frame', headers: { origin: 'null' } },
    { name: 'a file', headers: { origin: 'file://' } },
    { name: 'an extension', headers: { origin: 'chrome-extension://abcdefgh' } },
    { name: 'nothing', headers: { origin: '' } },
    { name: 'another port of this machine', headers: { origin: 'http://127.0.0.1:1' } },
    { name: 'no port', headers: { origin: 'http://127.0.0.1' } },
    { name: 'another scheme', headers: { origin: 'https://127.0.0.1:{port}' } },
    { name: 'this machine by another name', headers: { origin: 'http://127.0.0.2:{port}' } },
    { name: 'all interfaces', headers: { origin: 'http://0.0.0.0:{port}' } },
    { name: 'a slash at the end', headers: { origin: 'http://127.0.0.1:{port}/' } },
    { name: 'user info', headers: { origin: 'http://127.0.0.1:{port}@evil.example' } },
    { name: 'a name that begins like ours', headers: { origin: 'http://localhost.evil.example' } },
    { name: 'a star', headers: { origin: '*' } },
    {
      name: 'a list with our own in it',
      headers: { origin: 'http://localhost:{port} http://evil' },
    },
    {
      name: 'a foreign page that reads by GET',
      of: plainGet,
      headers: { origin: 'https://evil.example' },
      naive: 'answers',
    },
    {
      name: 'a foreign page in a session',
      of: legacyCall('wipe'),
      given: 'a session of alice',
      headers: { origin: 'https://evil.example' },
    },
    {
      name: 'a listed origin without TLS',
      setup: listed,
      headers: { origin: 'http://app.example' },
    },
    {
      name: 'a listed origin, other port',
      setup: listed,
      headers: { origin: 'https://app.example:444' },
    },
    { name: 'under a listed origin', setup: listed, headers: { origin: 'https://x.app.example' } },
    {
      name: 'ends like a listed origin',
      setup: listed,
      headers: { origin: 'https://myapp.example' },
    },
    {
      name: 'begins like a listed origin',
      setup: listed,
      headers: { origin: 'https://app.example.evil' },
    },
    { name: 'null beside a list', setup: listed, headers: { origin: 'null' } },
    {
      name: 'a listed name with a letter before it',
      class: 'D',
      setup: listed,
      headers: { origin: 'https://xapp.example' },
    },
    {
      name: 'null in the list, but as a word',
      setup: { allowedOrigins: [] },
      headers: { origin: 'null' },
    },
    {
      name: 'a good Origin with a foreign Host',
      headers: { origin: 'http://127.0.0.1:{port}', host: 'evil.example' },
    },
  ],
};
