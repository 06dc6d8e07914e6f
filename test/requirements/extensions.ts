import {
  client,
  modern,
  must,
  mustNot,
  newestSessions,
  page,
  server,
  should,
} from './requirement.js';

export const extensions = page(
  { clause: 'SEP-2133', on: 'all', role: 'both', ...modern },
  {
    'extensions/opt-in': must('6', 'An extension is off until it is asked for.'),
    'extensions/declared': must('6', 'One that is on is declared, with its settings.'),
    'extensions/one-sided': must('6', 'What one side knows alone is not used.'),
    'extensions/ids': must('6', 'An id has a prefix.'),
    'apps/hidden-tools': must('6', 'Tools for apps only are not for the model.', {
      ...server,
      clause: 'io.modelcontextprotocol/ui',
    }),
  },
);

export const tasksExtension = page(
  { clause: 'SEP-2663', on: 'all', role: 'server', ...modern },
  {
    'tasks/only-declared': must('3.5', 'Tasks are for requests that declare the extension.'),
    'tasks/shape': must('3.5', 'A task is a flat result of type task.'),
    'tasks/only-tools': must('3.5', 'Only tools/call becomes a task.'),
    'tasks/undeclared': must('6', 'Without the extension tasks/* and taskIds are -32021.'),
    'tasks/unknown': must('6', 'An unknown task is -32602.'),
    'tasks/get-complete': must('T8', 'tasks/get answers with resultType complete.'),
    'tasks/get-inlines': must('3.5', 'tasks/get holds result, error or questions.'),
    'tasks/removed': must('3.5', 'tasks/result and tasks/list are -32601.'),
    'tasks/is-error': must('3.5', 'A result with isError is a task that completed.'),
    'tasks/failed': must('3.5', 'failed is for JSON-RPC errors.'),
    'tasks/terminal': mustNot('3.5', 'A task that has ended does not change any more.'),
    'tasks/notice-cancels-nothing': mustNot('6', 'notifications/cancelled cancels no task.'),
    'tasks/input-keys': must('6', 'A key names one question for the life of a task.'),
    'tasks/partial-answers': must('6', 'Answers may come one by one.'),
    'tasks/notices': must('3.5', 'Status is told to those who listen for the id.'),
    'tasks/unguessable': must('5', 'An id cannot be guessed.'),
    'tasks/owner': must('5', 'A task belongs to whoever began it.'),
  },
);

export const tasksCore = page(
  { clause: 'basic/utilities/tasks', on: 'all', role: 'server', ...newestSessions },
  {
    'tasks-2025/declared': must('3.5', 'Tasks are declared in capabilities.'),
    'tasks-2025/support': must('3.5', 'A tool says whether it may be a task; else -32601.'),
    'tasks-2025/shape': must('3.5', 'A task comes within a member task.'),
    'tasks-2025/result': must('3.5', 'tasks/result waits for the result.'),
    'tasks-2025/cancel': must('3.5', 'tasks/cancel answers with the task.'),
    'tasks-2025/is-error': should('3.5', 'A result with isError is a task that failed.'),
    'tasks-2025/no-anonymous-list': should('5', 'tasks/list is not for those nobody knows.'),
    'tasks-2025/no-extension': mustNot('3.5', 'The extension is not for sessions.'),
  },
);

/** Of section 4, by topic. The issue on authorization splits them as it does them. */
export const authorization = page(
  { clause: 'basic/authorization', on: 'http', role: 'client' },
  {
    'auth/resource-metadata': must('4', 'RFC 9728 metadata is served and read.', {
      from: '2025-06-18',
      role: 'both',
    }),
    'auth/challenge': must('4', '401 points to the metadata, which the client follows.', {
      from: '2025-06-18',
      role: 'both',
    }),
    'auth/server-metadata': must('4', 'RFC 8414 and OIDC metadata are found in their order.', {}),
    'auth/issuer-of-metadata': must('4', 'The issuer in it is the one asked for.', {
      ...modern,
    }),
    'auth/pkce': must('4', 'PKCE with S256, or no authorization.'),
    'auth/resource': must('4', 'resource is in authorization and token requests.', {
      from: '2025-06-18',
    }),
    'auth/registration': should('4', 'Registration follows the order of the page.'),
    'auth/application-type': must('4', 'Registration names application_type.', {
      ...modern,
    }),
    'auth/credentials-by-issuer': must('4', 'Credentials belong to their issuer.', {
      ...modern,
    }),
    'auth/iss': must('4', 'iss is compared exactly.', { ...modern }),
    'auth/scopes': should('4', 'Scopes come from the challenge, then from metadata.', {
      from: '2025-11-25',
    }),
    'auth/step-up': should('4', '403 asks for more scopes, a bounded number of times.', {
      from: '2025-11-25',
    }),
    'auth/refresh': should('4', 'Refresh tokens are used and rotated.'),
    'auth/bearer': must('4', 'Each request carries the token in its header.'),
    'auth/audience': must('4', 'A token is for this server, or refused.', {
      from: '2025-06-18',
      ...server,
    }),
    'auth/no-passthrough': mustNot('4', 'Tokens are not handed on.', {
      from: '2025-06-18',
      ...server,
    }),
    'auth/https': must('4', 'Endpoints are HTTPS, redirects HTTPS or loopback.'),
    'auth/state': should('4', 'state is checked.', { from: '2025-06-18' }),
    'auth/unsafe-urls': must('5', 'Only http and https are opened, without a shell.', {
      ...client,
    }),
  },
);
