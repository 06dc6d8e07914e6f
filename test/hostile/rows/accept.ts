import { type AttackGroup, onSession } from '../attack.js';

export const accept: AttackGroup = {
  guard: 'accept',
  stoppedBy: 'src/transports/http/guards/accept.ts',
  each: { enforcedBy: 'request', answer: { status: 406 }, naive: 'runs' },
  attacks: [
    { name: 'HTML wanted', headers: { accept: 'text/html' } },
    { name: 'JSON alone', headers: { accept: 'application/json' } },
    { name: 'a stream alone', headers: { accept: 'text/event-stream' } },
    { name: 'a script wanted', headers: { accept: 'application/javascript' } },
    { name: 'nothing wanted', headers: { accept: '' } },
    {
      name: 'JSON on two lines, no stream',
      headers: { accept: ['application/json', 'text/html'] },
    },
    {
      name: 'a GET that wants JSON',
      of: onSession('GET'),
      given: 'a session of alice',
      headers: { accept: 'application/json' },
      naive: 'answers',
    },
  ],
};
