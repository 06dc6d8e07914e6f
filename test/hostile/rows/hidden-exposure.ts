import { type AttackGroup, initialize, plainGet } from '../attack.js';

export const hiddenExposure: AttackGroup = {
  guard: 'hidden-exposure',
  stoppedBy: 'src/transports/http/guards/hidden-exposure.ts',
  each: { class: 'I', enforcedBy: 'request', answer: { status: 403 }, naive: 'runs' },
  attacks: [
    { name: 'a tunnel', headers: { 'x-forwarded-for': '203.0.113.9' } },
    { name: 'a tunnel that names itself', headers: { 'x-forwarded-host': 'abc.tunnel.example' } },
    { name: 'TLS that ended elsewhere', headers: { 'x-forwarded-proto': 'https' } },
    { name: 'Forwarded', headers: { forwarded: 'for=203.0.113.9;proto=https' } },
    { name: 'Via', headers: { via: '1.1 proxy' } },
    { name: 'X-Real-IP', headers: { 'x-real-ip': '203.0.113.9' } },
    { name: 'an address that pretends to be local', headers: { 'x-forwarded-for': '127.0.0.1' } },
    { name: 'an empty header', headers: { 'x-forwarded-for': '' } },
    { name: 'capital letters', headers: { 'X-FORWARDED-FOR': '203.0.113.9' } },
    { name: 'a handshake', of: initialize, headers: { via: '1.1 a' }, naive: 'answers' },
    { name: 'a GET', of: plainGet, headers: { via: '1.1 a' }, naive: 'answers' },
    {
      name: 'a tunnel to a server with names but nobody asked who they are',
      setup: { allowedHosts: ['abc.tunnel.example'] },
      headers: { host: 'abc.tunnel.example', 'x-forwarded-for': '203.0.113.9' },
    },
  ],
};
