import { type AttackGroup, plainGet } from '../attack.js';

export const fetchMetadata: AttackGroup = {
  guard: 'fetch-metadata',
  stoppedBy: 'src/transports/http/guards/fetch-metadata.ts',
  each: { class: 'C', enforcedBy: 'request', answer: { status: 403 }, naive: 'runs' },
  attacks: [
    {
      name: 'a form that navigates, with a JSON-shaped text body',
      headers: {
        'content-type': 'text/plain',
        'sec-fetch-site': 'cross-site',
        'sec-fetch-mode': 'navigate',
        'sec-fetch-dest': 'document',
        'sec-fetch-user': '?1',
        origin: 'https://app.example',
      },
      setup: { allowedOrigins: ['https://app.example'] },
      answer: { status: 403, readableBy: 'https://app.example' },
    },
    {
      name: 'a link',
      of: plainGet,
      headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' },
      naive: 'answers',
    },
    {
      name: 'an address typed in',
      of: plainGet,
      headers: { 'sec-fetch-site': 'none', 'sec-fetch-mode': 'navigate' },
      naive: 'answers',
    },
    {
      name: 'an image',
      of: plainGet,
      headers: {
        'sec-fetch-site': 'cross-site',
        'sec-fetch-mode': 'no-cors',
        'sec-fetch-dest': 'image',
      },
      naive: 'answers',
    },
    {
      name: 'a script',
      of: plainGet,
      headers: {
        'sec-fetch-site': 'cross-site',
        'sec-fetch-mode': 'no-cors',
        'sec-fetch-dest': 'script',
      },
      naive: 'answers',
    },
    {
      name: 'a frame',
      of: plainGet,
      headers: {
        'sec-fetch-site': 'cross-site',
        'sec-fetch-mode': 'navigate',
        'sec-fetch-dest': 'iframe',
      },
      naive: 'answers',
    },
    {
      name: 'a neighbour of the same site',
      headers: { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' },
    },
    {
      name: 'a beacon',
      headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
    },
    {
      name: 'a stream read by an event source',
      of: plainGet,
      headers: {
        'sec-fetch-site': 'cross-site',
        'sec-fetch-mode': 'cors',
        accept: 'text/event-stream',
      },
      naive: 'answers',
    },
    {
      name: 'a WebSocket of another site',
      of: plainGet,
      headers: {
        'sec-fetch-site': 'cross-site',
        'sec-fetch-mode': 'websocket',
        connection: 'Upgrade',
        upgrade: 'websocket',
      },
      naive: 'answers',
    },
    {
      name: 'a navigation from a listed origin',
      setup: { allowedOrigins: ['https://app.example'] },
      headers: { origin: 'https://app.example', 'sec-fetch-mode': 'navigate' },
      answer: { status: 403, readableBy: 'https://app.example' },
    },
  ],
};
