import { type AttackGroup, callOf, legacyCall } from '../attack.js';

const small = { limits: { serverMessageBytesMax: 1000 } };
const fat = callOf('wipe', { fat: 'x'.repeat(2000) });
const five = callOf('wipe', { fat: 'x'.repeat(5 << 20) });

export const bodySize: AttackGroup = {
  guard: 'body-size',
  cites: ['guards/floods'],
  stoppedBy: 'src/transports/http/guards/body-size.ts',
  each: {
    class: 'N',
    enforcedBy: 'request',
    answer: { status: 413, connection: 'closed' },
    naive: 'runs',
  },
  attacks: [
    { name: '5 MiB, stated', body: five },
    {
      name: '5 MiB, announced and not asked for',
      headers: { expect: '100-continue' },
      body: five,
      enforcedBy: 'listener',
    },
    { name: '5 MiB in chunks', body: five, chunked: 1 << 16 },
    { name: 'more than a bound of its own, stated', setup: small, body: fat },
    { name: 'the same in chunks', setup: small, body: fat, chunked: 100 },
    { name: 'in chunks of one byte', setup: small, body: fat, chunked: 1, enforcedBy: 'node' },
    {
      name: 'more blanks than message',
      setup: small,
      body: `${' '.repeat(2000)}${JSON.stringify(callOf('wipe'))}`,
      chunked: 500,
    },
    {
      name: 'in a session',
      setup: small,
      of: legacyCall('wipe'),
      given: 'a session of alice',
      body: `${' '.repeat(2000)}{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"wipe"}}`,
      chunked: 500,
    },
  ],
};
