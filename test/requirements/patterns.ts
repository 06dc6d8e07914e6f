import {
  client,
  legacy,
  modern,
  must,
  mustNot,
  page,
  server,
  should,
  shouldNot,
} from './requirement.js';

export const cancellation = page(
  { clause: 'basic/patterns/cancellation', on: 'all', role: 'server' },
  {
    'cancel/stops': should('S12', 'The work of a cancelled request is stopped.'),
    'cancel/silence': mustNot('S12', 'Nothing more is sent for it.'),
    'cancel/unknown-ignored': should('3.3', 'Cancelling nothing, or the finished, is ignored.'),
    'cancel/late-answer-ignored': should(
      '3.3',
      'An answer that comes too late is ignored.',
      client,
    ),
    'cancel/races': must('3.3', 'Answer and cancellation may cross.', { role: 'both' }),
    'cancel/own-only': must('3.3', 'Only requests in flight of the same side are named.', client),
    'cancel/not-tasks': mustNot('3.3', 'Tasks are not cancelled that way.', {
      from: '2025-11-25',
      to: '2025-11-25',
      ...server,
    }),
  },
);

export const progress = page(
  { clause: 'basic/patterns/progress', on: 'all', role: 'server' },
  {
    'progress/token-unique': must('3.3', 'A token names one active request.', client),
    'progress/only-asked': must('3.3', 'Progress names a token that was given.'),
    'progress/grows': must('3.3', 'Progress grows with each notification.'),
    'progress/stops': must('3.3', 'Progress ends with its request.'),
    'progress/rate': should('3.3', 'Progress is not sent without measure.', {
      refused:
        'Only the author knows what a step is worth. Events of one turn leave in one write, and ' +
        'a reader that is behind makes the handler wait.',
    }),
  },
);

export const pagination = page(
  { clause: 'server/utilities/pagination', on: 'all', role: 'server' },
  {
    'paging/cursor': must('3.3', 'A list that is not complete hands out a cursor.'),
    'paging/opaque': must('3.3', 'The client hands it back as it is.', client),
    'paging/end': must('3.3', 'A list ends where no nextCursor comes, and only there.', client),
    'paging/empty-cursor': must('3.1', 'The empty text is a cursor like any other.', {
      ...client,
      ...modern,
    }),
    'paging/invalid': should('3.3', 'A cursor that was not handed out is -32602.'),
    'paging/stable': should('3.3', 'A cursor survives changes of the list.'),
  },
);

export const logging = page(
  { clause: 'server/utilities/logging', on: 'all', role: 'server' },
  {
    'logging/declared': must('3.3', 'Who sends log messages declares logging.'),
    'logging/level': must('3.3', 'Only messages of the level that was asked for are sent.'),
    'logging/invalid-level': should('3.3', 'An unknown level is -32602.'),
    'logging/not-asked': mustNot('3.3', 'Without a level nothing is sent.', modern),
    'logging/own-stream': must('3.3', 'Messages come on the stream of their request.', {
      ...modern,
      on: 'http',
    }),
    'logging/rate': should('5', 'Messages are bounded.', {
      refused:
        'A reader that is behind makes the handler wait; nothing is dropped behind its back.',
    }),
  },
);

export const subscriptions = page(
  { clause: 'basic/patterns/subscriptions', on: 'all', role: 'server', ...modern },
  {
    'listen/only-asked': mustNot('L1', 'Nothing comes that was not asked for.'),
    'listen/acknowledged-first': must('L2', 'The first message says what is honoured.'),
    'listen/honoured-subset': must('L2', 'What is not offered is left out of it.'),
    'listen/subscription-id': must('L3', 'Each message carries the id of the request.'),
    'listen/id-type': must('L3', 'The id keeps its type.'),
    'listen/several': must('L4', 'Each of several listens is told, with its own id.'),
    'listen/no-progress': mustNot('L5', 'Progress and log messages never travel on it.'),
    'listen/sub-resources': must('L6', 'An update may name a part of what was watched.', client),
    'listen/client-ends': must('L7', 'The client ends it by going, or by cancelling.', client),
    'listen/server-ends': should('L7', 'The server ends it by its result.'),
    'listen/result-id': must('L7', 'The result carries the id as well.'),
  },
);

export const rounds = page(
  { clause: 'basic/patterns/mrtr', on: 'all', role: 'server', ...modern },
  {
    'rounds/where': mustNot('3.3', 'Only tools, prompts and resources ask.'),
    'rounds/not-empty': must('3.3', 'A round has questions or state, or both.'),
    'rounds/declared-only': mustNot('3.3', 'Nothing is asked that the client did not declare.'),
    'rounds/retry-same': must('3.3', 'The retry has the method and params of the first.', client),
    'rounds/retry-answers': must('3.3', 'The retry has an answer to each question.', client),
    'rounds/retry-new-id': must('3.3', 'The retry has a new id.', client),
    'rounds/state-echoed': must('3.3', 'State goes back as it came.', client),
    'rounds/no-state-made-up': mustNot('3.3', 'Where none came none goes back.', client),
    'rounds/no-leak': mustNot('3.3', 'State does not reach another request.', client),
    'rounds/state-sealed': must('3.3', 'State that was changed is refused.'),
    'rounds/state-bound': should('3.3', 'State is bound to principal, request and time.'),
    'rounds/asks-again': should('3.3', 'What was not answered is asked again.'),
    'rounds/unknown-ignored': should('3.3', 'Answers to what was not asked are ignored.'),
    'rounds/untyped-answers': mustNot('3.2', 'Answers within a retry need no resultType.'),
    'rounds/refusal': must('3.3', 'A refusal is an answer, not an error.', client),
  },
);

export const caching = page(
  { clause: 'server/utilities/caching', on: 'all', role: 'server', ...modern },
  {
    'cache/hints': must('3.3', 'What may be kept says so: ttlMs and cacheScope.'),
    'cache/private': should('5', 'Hints are private and 0 unless the author says otherwise.'),
    'cache/same-scope': must('3.3', 'All pages of a list have one scope.'),
    'cache/no-hints-in-rounds': mustNot('3.3', 'A round of questions carries no hints.'),
    'cache/retry-not-kept': mustNot('3.3', 'What came after questions is not kept.', client),
    'cache/fresh': must('3.3', 'An answer is used while it is fresh, no longer.', client),
    'cache/no-ttl': must('3.3', 'A ttl that is absent or negative is 0.', client),
    'cache/polling': must('3.3', 'Polling has jitter and backs off.', {
      ...client,
      refused: 'Nothing is polled: an answer whose time is over is asked for when it is wanted.',
    }),
    'cache/key': must('3.3', 'Method and params tell answers apart.', client),
    'cache/authorization': mustNot('3.3', 'What is private stays with its authorization.', client),
    'cache/notices': must('3.3', 'A notice of change ends the freshness.', client),
    'cache/bad-cursor': should('3.3', 'A cursor that is refused drops all pages.', client),
  },
);

/** Notices of sessions. */
export const notices = page(
  { clause: 'server/resources', on: 'all', role: 'server', ...legacy },
  {
    'notices/subscribed-only': must('3.3', 'Updates come for what was subscribed to.'),
    'notices/unsubscribed': must('3.3', 'They end with resources/unsubscribe.'),
    'notices/list-changed': should('3.3', 'A list that changed is told where it was declared.'),
    'notices/not-stateless': shouldNot('3.1', 'Nothing of the stateless era is sent.'),
  },
);
