import { client, legacy, modern, must, mustNot, page, should, shouldNot } from './requirement.js';

const structured = { from: '2025-06-18' } as const;

export const tools = page(
  { clause: 'server/tools', on: 'all', role: 'server' },
  {
    'tools/declared': must('3.2', 'A server with tools declares them.'),
    'tools/input-schema': must('3.3', 'Each tool has an input schema, an object.'),
    'tools/name': should('3.3', 'A name has 1 to 128 characters of A-Z, a-z, 0-9, _ . -', {
      from: '2025-11-25',
    }),
    'tools/name-unique': should('3.3', 'A name is unique within its server.', {
      from: '2025-11-25',
    }),
    'tools/unknown': must('3.3', 'An unknown tool is -32602.'),
    'tools/malformed': must('3.3', 'A malformed call is -32602.'),
    'tools/failure': should('3.3', 'A failure is a result with isError.'),
    'tools/validation': should('3.3', 'Bad arguments are a result with isError.', {
      from: '2025-11-25',
      clause: 'SEP-1303',
    }),
    'tools/checks-arguments': must('5', 'Arguments are checked.'),
    'tools/output-fits': must('3.3', 'A result fits the output schema.', structured),
    'tools/output-checked': should('3.3', 'The client checks it.', { ...structured, ...client }),
    'tools/structured-as-text': should('3.3', 'Structured content comes as text, too.', structured),
    'tools/structured-object': must('T15', 'Structured content is an object.', {
      from: '2025-06-18',
      to: '2025-11-25',
    }),
    'tools/structured-any': must('3.1', 'Structured content is any JSON; no object needs text.', {
      ...modern,
      clause: 'SEP-2106',
    }),
    'tools/order': should('3.1', 'A list is always in the same order.', modern),
    'tools/not-per-connection': mustNot('3.1', 'A list does not depend on the connection.', modern),
    'tools/older-shape': must('T16', 'Older clients get no members they do not know.', legacy),
    'tools/hints-untrusted': must('3.3', 'What a tool says of itself is not trusted.', {
      ...client,
      refused:
        'Hints decide one thing, whether a call whose answer was lost is made again, and `retry` ' +
        'turns that off. Everything else is for applications.',
    }),
  },
);

export const content = page(
  { clause: 'server/tools', on: 'all', role: 'server' },
  {
    'content/blocks': must('3.3', 'Text, image and embedded resources arrive as they are.'),
    'content/audio': must('3.1', 'So does audio.', { from: '2025-03-26' }),
    'content/links': must('3.1', 'So do links to resources.', structured),
    'content/annotations': must('3.3', 'Annotations of blocks arrive.'),
    'content/older-shape': must('T16', 'Older clients get text for kinds they do not know.', {
      to: '2025-03-26',
    }),
  },
);

export const resources = page(
  { clause: 'server/resources', on: 'all', role: 'server' },
  {
    'resources/declared': must('3.2', 'A server with resources declares them.'),
    'resources/text-or-blob': must('3.3', 'Contents are text, or bytes in base64.'),
    'resources/templates': must('3.1', 'Templates are listed, and what matches is read.'),
    'resources/missing': should('3.3', 'A missing resource is -32002, with its uri.', legacy),
    'resources/missing-modern': must('3.1', 'A missing resource is -32602, with its uri.', modern),
    'resources/not-empty': mustNot('3.3', 'A missing resource is not answered with nothing.'),
    'resources/both-codes': should('3.1', 'The client knows both codes.', client),
    'resources/rfc6570': must('3.3', 'Templates follow RFC 6570.'),
  },
);

export const prompts = page(
  { clause: 'server/prompts', on: 'all', role: 'server' },
  {
    'prompts/declared': must('3.2', 'A server with prompts declares them.'),
    'prompts/listed': must('3.1', 'Prompts are listed with their arguments.'),
    'prompts/unknown': should('3.3', 'An unknown prompt is -32602.'),
    'prompts/missing-argument': should('3.3', 'A missing argument is -32602.'),
    'prompts/checked': should('5', 'Arguments are checked before the prompt is made.'),
  },
);

export const completion = page(
  { clause: 'server/utilities/completion', on: 'all', role: 'server' },
  {
    'completion/declared': must('3.1', 'A server that completes declares it.', {
      from: '2025-03-26',
    }),
    'completion/hundred': mustNot('3.3', 'No more than 100 values come at once.'),
    'completion/more': should('3.3', 'What is left out is told by total and hasMore.'),
    'completion/unknown': should('3.3', 'An unknown prompt or template is -32602.'),
    'completion/context': must('3.1', 'Earlier arguments come along.', structured),
    'completion/rate': should('5', 'Requests are limited.', {
      refused: 'Calls in flight are bounded; how often one may ask is for middleware.',
    }),
  },
);

export const discovery = page(
  { clause: 'server/discover', on: 'all', role: 'server' },
  {
    'discover/members': must('3.2', 'It says versions, capabilities and cache hints.', modern),
    'discover/honest-versions': must('1.4', 'Versions are those that requests may name.', modern),
    'discover/instructions': should('3.1', 'Instructions arrive.', { from: '2025-03-26' }),
    'discover/info-in-meta': mustNot('3.2', 'serverInfo is in _meta, not beside it.', modern),
  },
);

/** What attacks must not do. */
export const guards = page(
  { clause: 'security best practices', on: 'http', role: 'server' },
  {
    'guards/rebinding': must('5', 'A rebound name does not reach a local server.'),
    'guards/errors-masked': shouldNot('5', 'Errors tell nothing of the inside.', { on: 'all' }),
    'guards/header-injection': must('5', 'No text of a peer becomes a header or an event.'),
    'guards/floods': should('5', 'Messages, calls and streams are bounded.'),
    'guards/tokens-in-queries': mustNot('4', 'Nothing is taken from the query.'),
    'guards/authentication': should(
      'M3',
      'Whoever is not known is refused where that is asked for.',
    ),
    'guards/icons': must('3.3', 'Only https and data icons are fetched, without credentials.', {
      ...client,
      on: 'all',
      from: '2025-11-25',
      refused: 'Icons are handed on as they came, and never fetched: showing them is not ours.',
    }),
    'guards/no-shell': must('5', 'A server is started without a shell.', {
      ...client,
      on: 'stdio',
    }),
    'guards/environment': should('5', 'It sees few variables of ours.', { ...client, on: 'stdio' }),
    'guards/redirects': should('5', 'Redirects are not followed.', client),
  },
);
