import type { Asked, ClientAttackGroup, Reply } from '../attack.js';

const piece = 'x'.repeat(64 * 1024);

export const events: ClientAttackGroup = {
  guard: 'the size of an event',
  stoppedBy: 'src/transports/http/sse-decode.ts',
  each: { naive: 'takes', ours: 'tooLarge' },
  attacks: [
    { name: 'data without end', reply: { events: 'data: ', forever: piece } },
    { name: 'lines of data without end', reply: { events: '', forever: `data: ${piece}\n` } },
    { name: 'a comment without end', reply: { events: ': ', forever: piece } },
    { name: 'a type without end', reply: { events: 'event: ', forever: piece } },
    { name: 'an id without end', reply: { events: 'id: ', forever: piece } },
    { name: 'a field without a name and without end', reply: { events: '', forever: piece } },
    {
      name: 'data without end, by fetch',
      reply: { events: 'data: ', forever: piece },
      byFetch: true,
    },
  ],
};

/** A stream that is cut after an event without data. */
const cutAfter = (fields: string): Reply => ({ events: `${fields}\n\n`, then: 'cut' });
/** Cut once; when the client comes back, it is refused. */
const refusing =
  (status: number, headers: { readonly [name: string]: string }) =>
  ({ nth }: Asked): Reply =>
    nth === 1 ? cutAfter('id: 1\nretry: 0') : { status, headers };

const hourMs = 60 * 60_000;

export const reconnects: ClientAttackGroup = {
  guard: 'the pace of coming back',
  stoppedBy: 'src/transports/http/keep-stream.ts',
  each: { naive: 'storms', ours: 'result', eras: ['legacy'] },
  attacks: [
    { name: 'at once', reply: cutAfter('id: 1\nretry: 0'), pauses: [100, 120] },
    {
      name: 'after more time than a timer holds',
      reply: cutAfter('id: 1\nretry: 9000000000000000'),
      naive: 'waits',
      pauses: [hourMs, 1.2 * hourMs],
    },
    { name: 'after negative time', reply: cutAfter('id: 1\nretry: -1'), pauses: [100, 2000] },
    {
      name: 'at once, with news every time',
      reply: ({ nth }) => cutAfter(`id: ${nth}\nretry: 0`),
      pauses: [100, 120],
    },
    {
      name: 'again and again',
      reply: cutAfter('id: 1\nretry: 0'),
      passes: 120_000,
      ours: ['outcomeUnknown', 'timeout'],
    },
    {
      name: 'again and again, with news every time',
      reply: ({ nth }) => cutAfter(`id: ${nth}\nretry: 1`),
      passes: 120_000,
      ours: ['outcomeUnknown', 'timeout'],
      limits: { reconnectMsMin: 1000 },
    },
    {
      name: 'a busy server that asks for two minutes',
      reply: refusing(503, { 'retry-after': '120' }),
      passes: 200,
      pauses: [120_000, 144_000],
    },
    {
      name: 'a limit that asks to wait until a date',
      reply: refusing(429, {
        date: 'Tue, 28 Jul 2026 00:00:00 GMT',
        'retry-after': 'Tue, 28 Jul 2026 00:05:00 GMT',
      }),
      passes: 200,
      pauses: [300_000, 360_000],
    },
    {
      name: 'a busy server that asks for no time',
      reply: refusing(503, { 'retry-after': '0' }),
      passes: 200,
      pauses: [100, 120],
    },
    {
      name: 'a busy server that asks for ages',
      reply: refusing(503, { 'retry-after': '99999999999' }),
      passes: 200,
      pauses: [hourMs, 1.2 * hourMs],
    },
    {
      name: 'a busy server that asks for nonsense',
      reply: refusing(503, { 'retry-after': 'soon' }),
      passes: 200,
      pauses: [100, 4000],
    },
    {
      name: 'a busy server, again and again',
      reply: refusing(503, { 'retry-after': '1' }),
      passes: 120_000,
      ours: ['outcomeUnknown', 'timeout'],
    },
  ],
};

export const places: ClientAttackGroup = {
  guard: 'what a server names goes into a header only if it fits there',
  stoppedBy: 'src/transports/http/conversation.ts',
  each: { naive: 'injects', ours: 'outcomeUnknown', eras: ['legacy'] },
  attacks: [
    { name: 'an event id beyond ASCII', reply: cutAfter('id: caf\u00e9') },
    { name: 'an event id with a space', reply: cutAfter('id: one two') },
    { name: 'an event id of 10 KB', reply: cutAfter(`id: ${'1'.repeat(10_000)}`) },
    { name: 'an event id with NUL', reply: cutAfter('id: a\0b'), naive: 'breaks' },
    {
      name: 'an event id with a control character',
      reply: cutAfter('id: a\x01b'),
      naive: 'breaks',
    },
    {
      name: 'an event id with a carriage return',
      reply: cutAfter('id: a\rx-evil: 1'),
      naive: 'breaks',
      ours: ['outcomeUnknown', 'timeout'],
      passes: 120_000,
    },
    { name: 'an event id beyond Latin', reply: cutAfter('id: \u2028'), naive: 'breaks' },
    ...[
      ['beyond ASCII', 'caf\u00e9'],
      ['with a space', 'one two'],
      ['with a tab', 'one\ttwo'],
      ['of 10 KB', '1'.repeat(10_000)],
    ].map(([what = '', id = '']) => ({
      name: `a session id ${what}`,
      at: 'initialize',
      reply: ({ id: asked }: Asked): Reply => ({
        headers: { 'content-type': 'application/json', 'mcp-session-id': id },
        body: JSON.stringify({
          jsonrpc: '2.0',
          id: asked,
          result: {
            protocolVersion: '2025-11-25',
            capabilities: {},
            serverInfo: { name: 'x', version: '1' },
          },
        }),
      }),
      ours: 'badResponse',
    })),
  ],
};
