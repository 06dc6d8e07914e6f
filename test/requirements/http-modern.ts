import { client, modern, must, mustNot, page, server, should } from './requirement.js';

/** Streamable HTTP without sessions. */
export const httpModern = page(
  { clause: 'basic/transports/streamable-http', on: 'http', role: 'server', ...modern },
  {
    'http/post-endpoint': must('M1', 'One endpoint takes POST.'),
    'http/each-message-posted': must('M1', 'Each message is a POST of its own.', client),
    'http/no-responses': mustNot('M1', 'The client posts no responses.', client),
    'http/accepts-both': must(
      'M2',
      'The client accepts JSON and event streams, and reads both.',
      client,
    ),
    'http/origin': must('M3', 'A foreign Origin is refused with 403.'),
    'http/loopback': should('M3', 'A local server listens on 127.0.0.1 only.'),
    'http/notice-accepted': must('M4', 'A notification that is taken is answered 202, empty.'),
    'http/notice-refused': must('M4', 'One that is not taken is answered 4xx.'),
    'http/stream-of-its-request': must('M5', 'A stream carries notices of its request only.'),
    'http/stream-ends': should('M5', 'The answer ends the stream.'),
    'http/no-requests-of-servers': mustNot('M5', 'No stream carries requests of the server.'),
    'http/no-buffering': should('M6', 'A stream says X-Accel-Buffering: no.'),
    'http/comments': must('M7', 'The client passes over comments.', client),
    'http/reissue': must('M8', 'What is asked again after a cut has a new id.', client),
    'http/close-cancels': must('M9', 'Closing the reply cancels the request.'),
    'http/close-stops': should('M9', 'The work of a closed reply is stopped.'),
    'http/close-silence': mustNot('M9', 'Nothing more is sent for it.'),
    'http/no-sessions': should('M15', 'Mcp-Session-Id is ignored, and never made up or repeated.'),
    'http/no-last-event-id': should('M15', 'Last-Event-ID is ignored.'),
    'http/get-delete-405': should('M15', 'GET and DELETE of old clients are answered 405.', {
      refused:
        'For servers of this era only. Ours speaks both on one path: GET and DELETE belong to ' +
        'sessions and are answered 400 without one.',
    }),
    'http/too-large': should('M17', 'The client takes 413 and 431 for what they are.', {
      ...client,
      clause: 'SEP-2243',
    }),
  },
);

/** Headers that repeat the body. */
export const mirroredHeaders = page(
  { clause: 'basic/transports/streamable-http', on: 'http', role: 'server', ...modern },
  {
    'headers/version': must('M10', 'Each POST carries MCP-Protocol-Version as in _meta.', client),
    'headers/method': must('M11', 'Each request carries its method in Mcp-Method.', client),
    'headers/name': must('M11', 'Mcp-Name carries the name or uri.', client),
    'headers/task-id': must('M11', 'Mcp-Name carries the id of the task.', {
      ...client,
      clause: 'SEP-2663',
    }),
    'headers/disagree': must('M12', 'Headers that disagree with the body are 400 and -32020.'),
    'headers/case': must('M13', 'Values count in their case, names do not.'),
    'headers/forwarded': must('M18', 'Between client and server no Mcp-Param header is lost.', {
      clause: 'SEP-2243',
      later: 'gateway',
    }),
    'headers/blanks': must('M13', 'Blanks around a value do not count.'),
    'headers/missing': must('M16', 'A missing header is refused.'),
    'headers/base64': must(
      '3.2',
      'What is no plain text travels as base64 between markers.',
      client,
    ),
    'headers/base64-decoded': must('3.2', 'The server decodes before it compares.'),
    'headers/base64-broken': must('3.2', 'Base64 that is none is 400 and -32020.'),
  },
);

/** Arguments that travel in headers, too. */
export const paramHeaders = page(
  { clause: 'server/tools', on: 'http', role: 'client', ...modern },
  {
    'params/supported': must('X1', 'The client mirrors annotated arguments.'),
    'params/names': must('X2', 'A name is a token, unique whatever its case.'),
    'params/types': must('X3', 'Only strings, integers and booleans are annotated.'),
    'params/reachable': must('X4', 'Only what properties alone lead to is annotated.'),
    'params/drops-tool': must('X5', 'A tool with a bad annotation is left out, and no other.'),
    'params/says-why': should('X5', 'Its name and the reason are told.'),
    'params/absent': must('X6', 'What is missing or null has no header.'),
    'params/unexpected': mustNot('X6', 'No header is expected for what is missing.', server),
    'params/required': must('X6', 'Without its header an argument is 400 and -32020.', server),
    'params/converted': must('X7', 'Integers are decimal, booleans true or false.'),
    'params/numeric': should('X7', 'Integers are compared as numbers.', server),
    'params/unseen': should('X8', 'A tool that was not listed is called without headers.'),
    'params/refresh': should(
      'X8',
      'On -32020 the tools are listed anew, and it is tried once more.',
    ),
  },
);

/** Which status says what. */
export const statuses = page(
  { clause: 'basic/transports/streamable-http', on: 'http', role: 'server', ...modern },
  {
    'status/bad-meta': must('conditions', 'A missing field of _meta is 400 and -32602.'),
    'status/version': must('conditions', 'A version that is not spoken is 400 and -32022.'),
    'status/capability': must('conditions', 'A missing capability is 400 and -32021.'),
    'status/unknown-method': must('M14', 'An unknown method is 404 and -32601.'),
    'status/parse-error': must('conditions', 'What cannot be read is 400.'),
  },
);
