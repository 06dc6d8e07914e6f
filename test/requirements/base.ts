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

export const jsonRpc = page(
  { clause: 'basic/index', on: 'all', role: 'both' },
  {
    'rpc/id': must('3.2', 'An id is a string or an integer.'),
    'rpc/id-not-null': mustNot('3.2', 'An id is never null.'),
    'rpc/id-new': mustNot('3.1', 'No id is used twice in a session.', { ...client, ...legacy }),
    'rpc/id-in-flight': mustNot('3.1', 'No id is used again while it is in flight.', {
      ...client,
      ...modern,
    }),
    'rpc/answer-has-id': must('3.2', 'An answer has the id of its request, of the same type.'),
    'rpc/result-xor-error': mustNot('3.2', 'No answer has both a result and an error.'),
    'rpc/error-code': must('3.2', 'The code of an error is an integer.'),
    'rpc/notice-unanswered': mustNot('3.2', 'A notification is never answered.'),
    'rpc/error-without-id': must(
      '3.2',
      'Only an unreadable request is answered without id.',
      server,
    ),
    'rpc/meta-untouched': must('3.2', 'Members of _meta that nobody knows are carried through.'),
    'rpc/reserved-codes': mustNot('3.4', 'Codes -32023 to -32099 are not made up.', modern),
    'rpc/own-codes': should('3.4', 'Errors of our own lie outside -32768..-32000.', modern),
    'rpc/retired-codes': mustNot('3.4', '-32002 and -32042 are not sent.', {
      ...server,
      ...modern,
    }),
    'rpc/codes-without-meaning': mustNot(
      '3.4',
      'Nothing is concluded from -32000..-32019.',
      client,
    ),
    'rpc/local-errors': should(
      '3.4',
      'A fault of this side does not look like the peer’s.',
      client,
    ),
    'rpc/batch': must('3.1', 'Batches are received.', {
      from: '2025-03-26',
      to: '2025-03-26',
    }),
    'rpc/initialize-in-batch': mustNot('S5', 'initialize is not part of a batch.', {
      from: '2025-03-26',
      to: '2025-03-26',
    }),
    'rpc/trace-context': must('3.3', 'traceparent, tracestate and baggage keep their names.', {
      clause: 'SEP-414',
    }),
  },
);

export const lifecycle = page(
  { clause: 'basic/lifecycle', on: 'all', role: 'server', ...legacy },
  {
    'session/initialize-first': must('3.2', 'initialize is the first request.', client),
    'session/initialized': must('3.2', 'The client then sends notifications/initialized.', client),
    'session/waits-for-welcome': shouldNot(
      '3.2',
      'Before the answer the client asks nothing.',
      client,
    ),
    'session/waits-for-initialized': shouldNot('3.2', 'Before it the server asks nothing.', {
      refused:
        'Questions belong to calls. A client that calls before it says initialized is answered: ' +
        'waiting for a notice that may never come would leave its call hanging.',
    }),
    'session/initialize-not-cancelled': mustNot('3.2', 'initialize is never cancelled.', {
      ...client,
      clause: 'basic/utilities/cancellation',
    }),
    'session/same-version': must('3.2', 'A version that is spoken is answered with itself.'),
    'session/other-version': must('3.2', 'Any other is answered with one that is spoken.'),
    'session/newest-version': should('3.2', 'That is the newest.'),
    'session/disconnects': should('3.2', 'A version the client does not speak ends it.', client),
    'session/capabilities-respected': must('3.2', 'Only what was negotiated is used.', {
      role: 'both',
      from: '2025-06-18',
    }),
    'session/ping': must('3.1', 'ping is answered at once, by an empty result.', {
      role: 'both',
      clause: 'basic/utilities/ping',
    }),
  },
);

/** What each request of the stateless era says by itself. */
export const stateless = page(
  { clause: 'basic/index', on: 'all', role: 'server', ...modern },
  {
    'meta/required': must('3.2', 'Each request names version and capabilities.', client),
    'meta/client-info': should('3.2', 'Each request names the client.', client),
    'meta/missing': must('3.2', 'A request without them is -32602.'),
    'meta/client-info-optional': must('3.2', 'A request that does not name its client is served.'),
    'meta/server-info': should('3.2', 'Each result names the server.'),
    'meta/no-earlier-request': mustNot('3.2', 'Nothing is concluded from earlier requests.'),
    'meta/capabilities-each': must('T20', 'The capabilities of this very request count.'),
    'meta/info-is-no-proof': shouldNot('3.2', 'What a peer calls itself decides nothing.', {
      role: 'both',
    }),
    'meta/keys': must('3.2', 'Keys of _meta are well formed.', { role: 'both' }),
    'result/type': must('3.1', 'Each result has a resultType.'),
    'result/absent-type': must('3.2', 'An absent resultType is taken for complete.', client),
    'result/unknown-type': must('3.2', 'An unknown resultType is an invalid response.', client),
    'capability/declared': must('3.2', 'A feature that is there is declared.'),
    'capability/undeclared': must('3.2', 'What is not declared is -32601.'),
    'capability/missing': must(
      '3.4',
      'What the client did not declare is -32021, with what it needs.',
    ),
  },
);

export const versioning = page(
  { clause: 'basic/versioning', on: 'all', role: 'client', ...modern },
  {
    'version/by-meta': must(
      '1.1',
      'A request with the new _meta is served without a session.',
      server,
    ),
    'version/by-initialize': must('1.1', 'initialize selects a session of an older revision.', {
      ...server,
      ...legacy,
      from: '2024-11-05',
    }),
    'version/unsupported': must(
      '1.4',
      'Another version is -32022, with those that are spoken.',
      server,
    ),
    'version/requested': must('1.4', 'The error repeats the version asked for.', server),
    'version/named-to-old-clients': should('1.1', 'initialize is refused with what is spoken.', {
      ...server,
      refused: 'For servers of this era only; ours always open a session.',
    }),
    'version/picks-mutual': should(
      '1.4',
      'After -32022 the client takes a version that both speak.',
    ),
    'version/discover': must('1.4', 'server/discover is answered.', {
      ...server,
      clause: 'server/discover',
    }),
    'era/probe': should('1.2', 'The client asks server/discover first.', { on: 'stdio' }),
    'era/any-error': mustNot('1.2', 'Falling back depends on no particular code.', { on: 'stdio' }),
    'era/silence': should('1.2', 'A server that does not answer is of the older era.', {
      on: 'stdio',
    }),
    'era/modern-error': mustNot('1.2', 'No fallback from a server that names other versions.'),
    'era/http-modern-error': mustNot('1.3', 'No fallback on 400 with -32020, -32021 or -32022.', {
      on: 'http',
    }),
    'era/http-fallback': should('1.3', 'On 400 without such a body the client initializes.', {
      on: 'http',
    }),
    'era/http-sse': should('H25', 'Where that fails, too, it tries the two endpoints of 2024.', {
      on: 'http',
    }),
    'era/remembered': should('1.3', 'The verdict is kept for the process or the address.'),
    'era/asked-anew': should('1.3', 'A verdict that proves wrong is asked for anew.'),
  },
);

export const timeouts = page(
  { clause: 'basic/lifecycle', on: 'all', role: 'client' },
  {
    'timeout/all': should('3.2', 'Each request has a timeout, which can be set.'),
    'timeout/ceiling': should('3.2', 'Progress extends it up to a ceiling.'),
    'timeout/cancels': should('3.2', 'A request that timed out is cancelled.'),
  },
);

export const jsonSchema = page(
  { clause: 'basic/index', on: 'all', role: 'both', from: '2025-11-25' },
  {
    'schema/2020-12': must('3.2', 'A schema without a dialect is of 2020-12.'),
    'schema/other-dialect': must('3.2', 'A dialect that is not known is an error, not a crash.'),
    'schema/no-fetch': mustNot('3.2', 'No reference is fetched from the network.', modern),
    'schema/unresolved': should('3.2', 'A schema with a foreign reference is refused.', modern),
    'schema/bounds': should('3.2', 'Depth, subschemas and time are bounded.', modern),
    'schema/keywords-kept': must('3.2', 'Keywords that nobody knows are kept in listings.'),
  },
);
