import {
  client,
  must,
  mustNot,
  newestSessions,
  page,
  sessions,
  should,
  shouldNot,
} from './requirement.js';

const versionHeader = { from: '2025-06-18', to: '2025-11-25' } as const;
const firstTwo = { from: '2025-03-26', to: '2025-06-18' } as const;

/** Streamable HTTP with sessions. */
export const httpLegacy = page(
  { clause: 'basic/transports', on: 'http', role: 'server', ...sessions },
  {
    'session/one-endpoint': must('H1', 'One path takes POST and GET.'),
    'session/origin': must('H2', 'A foreign Origin is refused, with 403.'),
    'session/loopback': should('H3', 'A local server listens on loopback only.'),
    'session/each-message-posted': must(
      'H4',
      'Each message is a POST that accepts both types.',
      client,
    ),
    'session/one-message': must('H5', 'A body is one message.', versionHeader),
    'session/batch': must('H5', 'A body may be a batch.', {
      from: '2025-03-26',
      to: '2025-03-26',
    }),
    'session/accepted': must('H6', 'A notice or response that is taken is answered 202, empty.'),
    'session/refused': must('H6', 'One that is not taken is answered 4xx.'),
    'session/json-or-stream': must('H7', 'A request is answered by JSON or by an event stream.'),
    'session/reads-both': must('H8', 'The client reads JSON and event streams.', client),
    'session/stream-ends': should('H9', 'The stream of a POST ends with its last answer.'),
    'session/related-only': should('H9', 'A POST’s stream carries what belongs to its request.'),
    'session/stays-open': shouldNot('H10', 'A stream is not closed before its answer.', firstTwo),
    'session/disconnect-is-no-cancel': shouldNot(
      'H11',
      'A connection that is cut cancels nothing.',
    ),
    'session/cancel-by-notice': should('H11', 'The client cancels by a notification.', client),
    'session/primed': should('H12', 'A stream begins with an id and empty data.', newestSessions),
    'session/retry-before-close': should('H13', 'retry is sent before a connection is let go.', {
      ...newestSessions,
    }),
    'session/comes-back': should('H13', 'The client comes back by GET.', {
      ...newestSessions,
      ...client,
    }),
    'session/honours-retry': must('H13', 'The client waits as long as retry says.', {
      ...newestSessions,
      ...client,
    }),
    'session/get-accepts-stream': must('H14', 'GET accepts text/event-stream.', client),
    'session/get-stream-or-405': must('H14', 'GET is answered by a stream or by 405.'),
    'session/get-unrelated': should('H15', 'The GET stream carries nothing of running requests.'),
    'session/get-no-answers': mustNot('H15', 'The GET stream carries no answers unless resumed.'),
    'session/one-stream-each': must('H16', 'A message goes to exactly one stream.'),
    'session/event-ids-unique': must('H17', 'Event ids are unique within a session.'),
    'session/event-ids-name-streams': should('H17', 'An event id says which stream it is of.', {
      ...newestSessions,
    }),
    'session/resume': should('H18', 'The client resumes by GET with Last-Event-ID.', client),
    'session/replays-own-stream': mustNot('H18', 'Events of other streams are never replayed.'),
    'session/id-secure': should('H19', 'A session id is unique and cannot be guessed.'),
    'session/id-visible': must('H19', 'A session id holds visible ASCII only.'),
    'session/id-sent': must('H20', 'The client sends the id with each later request.', client),
    'session/id-required': should('H20', 'A request without the id it needs is answered 400.'),
    'session/ended': must('H21', 'A session that has ended is answered 404.'),
    'session/begins-anew': must(
      'H21',
      'After 404 the client initializes anew, without an id.',
      client,
    ),
    'session/deletes': should('H22', 'The client deletes a session that it needs no more.', client),
    'session/version-sent': must('H23', 'The client sends MCP-Protocol-Version.', {
      ...versionHeader,
      ...client,
    }),
    'session/version-assumed': should('H23', 'Without the header the session’s version counts.', {
      ...versionHeader,
    }),
    'session/version-unknown': must('H23', 'A version that is not spoken is answered 400.', {
      ...versionHeader,
    }),
    'session/is-no-authentication': mustNot('H24', 'A session id proves nobody’s identity.', {
      ...newestSessions,
      clause: 'security best practices',
    }),
    'session/bound-to-user': should('H24', 'A session belongs to the user who opened it.', {
      ...newestSessions,
      clause: 'security best practices',
    }),
    'session/questions-tied': must('H26', 'Questions belong to a request of the client.', {
      clause: 'SEP-2260',
    }),
    'session/questions-untied-refused': should('H26', 'A question of no request is -32602.', {
      clause: 'SEP-2260',
      ...client,
      refused:
        'Advice of a later text for older revisions, whose servers may ask at any time: ' +
        'refusing them would break servers that keep to their own revision.',
    }),
  },
);

/** The two endpoints of the first revision. */
export const httpSse = page(
  { clause: 'basic/transports', on: 'http', role: 'server', to: '2024-11-05' },
  {
    'sse/two-endpoints': must('E1', 'There is a stream by GET and an endpoint for POST.'),
    'sse/origin': must('E1', 'A foreign Origin is refused.'),
    'sse/endpoint-first': must('E2', 'The first event names the endpoint.'),
    'sse/posts-there': must('E2', 'The client posts all messages to it.', client),
    'sse/answers-on-stream': must('E3', 'Messages of the server are events named message.'),
  },
);
