import { legacy, modern, must, mustNot, page, server, should, shouldNot } from './requirement.js';

const since2025June = { from: '2025-06-18' } as const;
const since2025November = { from: '2025-11-25' } as const;

export const elicitation = page(
  { clause: 'client/elicitation', on: 'all', role: 'client', ...since2025June },
  {
    'elicit/declared': must('3.3', 'A client that can be asked declares it.'),
    'elicit/modes': must('3.3', 'It declares each mode that it knows.', since2025November),
    'elicit/empty-is-form': must('3.3', 'A capability without modes means forms.', {
      ...server,
      ...since2025November,
    }),
    'elicit/unsupported-mode': mustNot('3.3', 'No mode is used that was not declared.', {
      ...server,
      ...since2025November,
    }),
    'elicit/refuses-mode': must('3.3', 'A mode that was not declared is -32602.', {
      from: '2025-11-25',
      to: '2025-11-25',
    }),
    'elicit/flat': must('3.3', 'A form is flat, of the known types.', server),
    'elicit/actions': must('3.3', 'Accept, decline and cancel are told apart.'),
    'elicit/content': must('3.3', 'Only an accepted form has content.'),
    'elicit/defaults': should('3.3', 'Defaults fill what was left out.', since2025November),
    'elicit/checked': should('3.3', 'Both sides check the content.', { role: 'both' }),
    'elicit/url-id': must('T19', 'A URL has an elicitationId.', {
      ...server,
      from: '2025-11-25',
      to: '2025-11-25',
    }),
    'elicit/no-url-id': mustNot('3.1', 'There is no elicitationId any more.', {
      ...server,
      ...modern,
    }),
    'elicit/no-prefetch': mustNot('5', 'A URL is never opened or fetched by the library.', {
      ...since2025November,
    }),
  },
);

export const sampling = page(
  { clause: 'client/sampling', on: 'all', role: 'client' },
  {
    'sampling/declared': must('3.3', 'A client with a model declares it.'),
    'sampling/max-tokens': must('3.3', 'maxTokens reaches the model.'),
    'sampling/tools-declared': mustNot('3.3', 'No tools without sampling.tools.', {
      ...server,
      ...since2025November,
    }),
    'sampling/refuses-tools': must('3.3', 'Tools that were not declared are an error.', {
      from: '2025-11-25',
      to: '2025-11-25',
    }),
    'sampling/context-declared': shouldNot('3.3', 'No includeContext without sampling.context.', {
      ...server,
      ...since2025November,
    }),
    'sampling/balance': must('3.3', 'Each tool_use is answered by its tool_result.', {
      ...server,
      ...since2025November,
    }),
    'sampling/refuses-imbalance': should('3.3', 'Messages without that balance are -32602.', {
      from: '2025-11-25',
      to: '2025-11-25',
    }),
  },
);

export const roots = page(
  { clause: 'client/roots', on: 'all', role: 'client' },
  {
    'roots/declared': must('3.3', 'A client with roots declares them.'),
    'roots/file-uris': must('3.3', 'A root is a file:// URI.'),
    'roots/unsupported': should('3.3', 'Without them roots/list is -32601.', legacy),
    'roots/list-changed': must('3.3', 'Who declares listChanged tells of changes.', {
      ...legacy,
      refused: 'listChanged is not declared: roots are given anew with each question.',
    }),
    'roots/no-list-changed': mustNot('3.1', 'Nobody is told of changes any more.', modern),
  },
);
