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

export const stdio = page(
  { clause: 'basic/transports/stdio', on: 'stdio', role: 'both' },
  {
    'stdio/subprocess': must(
      'S1',
      'The client starts the server and speaks over its pipes.',
      client,
    ),
    'stdio/one-line': must('S1', 'One message is one line of UTF-8 JSON.'),
    'stdio/no-line-feed': mustNot('S2', 'A message holds no line end.'),
    'stdio/only-messages': mustNot('S3', 'Nothing but messages is written to stdout.', server),
    'stdio/stderr-is-no-failure': shouldNot('S4', 'Output on stderr is no failure.', {
      ...client,
      from: '2025-11-25',
    }),
    'stdio/batch': must('S5', 'A line may be a batch, which is received.', {
      from: '2025-03-26',
      to: '2025-03-26',
    }),
    'stdio/no-responses-of-clients': mustNot('S7', 'The client writes no responses.', {
      ...client,
      ...modern,
    }),
    'stdio/no-requests-of-servers': mustNot('S7', 'The server writes no requests.', {
      ...server,
      ...modern,
    }),
    'stdio/shutdown-in-steps': should(
      'S8',
      'stdin is closed, then the process ended, then killed.',
      {
        ...client,
      },
    ),
    'stdio/exits-at-end-of-input': should('S9', 'The server exits soon when stdin ends.', {
      ...server,
      ...modern,
    }),
    'stdio/restart': should('S11', 'A server that exits unexpectedly is started again.', {
      ...client,
      ...modern,
    }),
    'stdio/listens-again': must('S11', 'Listening is asked for anew after a restart.', {
      ...client,
      ...modern,
      clause: 'basic/patterns/subscriptions',
    }),
    'stdio/cancel-by-notice': must('S12', 'A request is taken back by notifications/cancelled.', {
      ...client,
      ...modern,
    }),
    'stdio/demultiplexed': must(
      'S13',
      'Listens on one pipe are told apart by subscriptionId.',
      modern,
    ),
    'stdio/no-state-of-process': mustNot(
      'S14',
      'Nothing of an earlier request of the process counts for the next.',
      { ...server, ...modern, clause: 'basic/index' },
    ),
    'stdio/framing-elsewhere': should('S15', 'Other byte streams reuse the framing.', {
      clause: 'basic/transports/index',
    }),
    'stdio/no-authorization': shouldNot('S16', 'Credentials come from the environment.', {
      clause: 'basic/authorization',
    }),
    'stdio/supported': should('S16', 'Clients support stdio.', { ...client, ...legacy }),
  },
);
