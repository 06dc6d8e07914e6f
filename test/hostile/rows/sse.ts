import { type AttackGroup, modernCall } from '../attack.js';

const wanting = { progressToken: 'p', 'io.modelcontextprotocol/logLevel': 'debug' };

/** A tool that streams the text it is given. */
const echo = (text: string): ReturnType<typeof modernCall> => modernCall('echo', { text }, wanting);

export const sse: AttackGroup = {
  guard: 'event streams',
  cites: ['guards/header-injection'],
  stoppedBy: 'src/transports/http/sse-encode.ts',
  each: { class: 'Q', enforcedBy: 'request', answer: { status: 200 }, naive: 'injects' },
  attacks: [
    { name: 'a line feed', of: echo('x\nevent: forged\ndata: forged') },
    { name: 'a carriage return', of: echo('x\r\nevent: forged\r\ndata: forged') },
    { name: 'an empty line and a new event', of: echo('x\n\ndata: forged\n\n') },
    { name: 'a new id', of: echo('x\nid: forged') },
    { name: 'a new retry', of: echo('x\nretry: forged') },
    { name: 'a first line that is a field', of: echo('\ndata: forged') },
    {
      name: 'an answer to another request',
      class: 'H',
      of: echo('x\n\nid: forged\ndata: {"jsonrpc":"2.0","id":"other","result":{}}\n\n'),
    },
    { name: 'a line separator of JavaScript', of: echo('\u2028data: forged\ndata: forged') },
    {
      name: 'a progress token with line ends',
      of: modernCall('echo', { text: 'x\ndata: forged' }, { progressToken: 'p\ndata: forged' }),
    },
    {
      name: 'NUL and a line end',
      of: echo('\0\nid: forged'),
    },
  ],
};
