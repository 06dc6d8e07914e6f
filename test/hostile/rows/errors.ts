import { type AttackGroup, modernCall, modern, wipe } from '../attack.js';
import { thrownBy } from '../victim.js';

export const errors: AttackGroup = {
  guard: 'masked errors',
  cites: ['guards/errors-masked'],
  stoppedBy: 'src/errors.ts',
  each: {
    class: 'M',
    enforcedBy: 'request',
    answer: { status: 200, code: -32603 },
    naive: 'leaks',
  },
  attacks: [
    ...Object.keys(thrownBy).map((how) => ({
      name: `a handler that throws: ${how}`,
      of: modernCall('boom', { how }),
      naive: how === 'hostile' ? ('crashes' as const) : ('leaks' as const),
    })),
    {
      name: 'an unknown tool with a hostile name',
      of: modernCall('<script>alert(1)</script>'),
      answer: { status: 200, code: -32602 },
      naive: 'answers',
    },
    {
      name: 'an unknown method of 8 KiB',
      class: 'N',
      body: modern('x'.repeat(8192)),
      headers: { 'mcp-method': 'x'.repeat(8192), 'mcp-name': null },
      answer: { status: 404, code: -32601 },
      naive: 'answers',
    },
    {
      name: 'a tool named like a member of every object',
      class: 'M',
      of: modernCall('constructor'),
      answer: { status: 200, code: -32602 },
      naive: 'answers',
    },
    {
      name: 'a method named like one',
      class: 'M',
      body: modern('__proto__'),
      headers: { 'mcp-method': '__proto__', 'mcp-name': null },
      answer: { status: 404, code: -32601 },
      naive: 'answers',
    },
    {
      name: 'a cursor that was never given',
      class: 'M',
      body: modern('tools/list', { cursor: '../../etc/passwd' }),
      headers: { 'mcp-method': 'tools/list', 'mcp-name': null },
      answer: { status: 200, code: -32602 },
      naive: 'answers',
    },
    {
      name: 'a state that was never sealed',
      class: 'M',
      of: wipe,
      body: modern('tools/call', { name: 'wipe', arguments: {}, requestState: 'eyJhIjoxfQ' }),
      answer: { status: 200, code: -32602 },
      naive: 'runs',
    },
    {
      name: 'an unknown protocol version',
      class: 'P',
      body: modern(
        'tools/call',
        { name: 'wipe', arguments: {} },
        {
          'io.modelcontextprotocol/protocolVersion': '2099-01-01',
        },
      ),
      headers: { 'mcp-protocol-version': '2099-01-01' },
      answer: { status: 400, code: -32022 },
      naive: 'runs',
    },
    {
      name: 'capabilities that are a text',
      class: 'P',
      body: modern(
        'tools/call',
        { name: 'wipe', arguments: {} },
        {
          'io.modelcontextprotocol/clientCapabilities': 'all',
        },
      ),
      answer: { status: 400, code: -32602 },
      naive: 'runs',
    },
  ],
};
