import { answerTo, type Asked, type ClientAttackGroup, type Reply } from '../attack.js';

const urlQuestion = (url: string): object => ({
  method: 'elicitation/create',
  params: { mode: 'url', message: 'Please sign in', url, elicitationId: 'e' },
});
const formQuestion = {
  method: 'elicitation/create',
  params: { mode: 'form', message: 'Name?', requestedSchema: { type: 'object', properties: {} } },
};
/** A question of the stateless era: a result that asks. */
const asks = ({ id }: Asked, inputRequests: object, requestState = 'state'): Reply => ({
  body: JSON.stringify({
    jsonrpc: '2.0',
    id,
    result: { resultType: 'input_required', inputRequests, requestState },
  }),
});
/** A question within a session: a request on the stream of the call. */
const asksLive = (asked: Asked, ...questions: readonly object[]): Reply => ({
  messages: [
    ...questions.map((one, at) => ({ jsonrpc: '2.0', id: `q${at}`, ...one })),
    answerTo(asked),
  ],
});

const badPages: readonly (readonly [what: string, url: string])[] = [
  ['a script', 'javascript:alert(1)'],
  ['a file', 'file:///etc/passwd'],
  ['data', 'data:text/html,<script>alert(1)</script>'],
  ['a program', 'ms-msdt:/id PCWDiagnostic'],
  ['a name before the host', 'https://bank.example@evil.example/'],
  ['a password', 'https://user:password@evil.example/'],
  ['a backslash', 'https://evil.example\\@bank.example/'],
  ['a line end', 'https://evil.example/\nhttps://bank.example/'],
  ['letters that look like others', 'https://b\u0430nk.example/'],
  ['nothing', 'https://'],
  ['a path', '/etc/passwd'],
  ['a command in a host', 'http://a$(calc.exe)b/'],
];

export const pages: ClientAttackGroup = {
  guard: 'pages that a server asks to open',
  stoppedBy: 'src/client/answers.ts',
  each: { naive: 'opens', ours: 'invalidParams', answers: true },
  attacks: [
    ...badPages.map(([what, url]) => ({
      name: `${what}, by a result that asks`,
      eras: ['modern'] as const,
      reply: (asked: Asked) => asks(asked, { q: urlQuestion(url) }),
    })),
    ...badPages.map(([what, url]) => ({
      name: `${what}, by a request on the stream`,
      eras: ['legacy'] as const,
      reply: (asked: Asked) => asksLive(asked, urlQuestion(url)),
      ours: 'result',
    })),
    {
      name: 'a page, by a request where no server may ask',
      eras: ['modern'],
      reply: (asked) => asksLive(asked, urlQuestion('https://example.com/')),
      ours: 'result',
    },
    {
      name: 'a page, where nobody answers',
      eras: ['legacy'],
      answers: false,
      reply: (asked) => asksLive(asked, urlQuestion('https://example.com/')),
      ours: 'result',
    },
    {
      name: 'a page, where nobody answers, by a result that asks',
      eras: ['modern'],
      answers: false,
      reply: (asked) => asks(asked, { q: urlQuestion('https://example.com/') }),
      ours: ['invalidParams', 'methodNotFound'],
    },
  ],
};

export const questions: ClientAttackGroup = {
  guard: 'the number of questions',
  stoppedBy: 'src/client/call.ts',
  each: { naive: 'storms', ours: 'badResponse', answers: true, eras: ['modern'] },
  attacks: [
    { name: 'rounds without end', reply: (asked) => asks(asked, { q: formQuestion }) },
    { name: 'rounds without end that ask nothing', reply: (asked) => asks(asked, {}) },
    {
      name: 'a thousand questions at once',
      reply: (asked) =>
        asks(
          asked,
          Object.fromEntries(
            Array.from({ length: 1000 }, (_, at) => [
              `q${at}`,
              urlQuestion('https://example.com/'),
            ]),
          ),
        ),
      naive: 'opens',
    },
    {
      name: 'a state of 5 MB to send back',
      reply: (asked) =>
        asked.nth === 1
          ? asks(asked, {}, 's'.repeat(5 * 1024 * 1024))
          : { body: JSON.stringify(answerTo(asked)) },
      limits: { clientMessageBytesMax: 32 * 1024 * 1024 },
      naive: 'echoes',
    },
    {
      name: 'a flood of questions on a stream',
      eras: ['legacy'],
      reply: (asked) =>
        asksLive(asked, ...Array.from({ length: 1500 }, () => ({ method: 'ping' }))),
      naive: 'answers',
      ours: 'result',
    },
    {
      name: 'a flood of questions that nobody answers',
      eras: ['legacy'],
      reply: (asked) =>
        asksLive(asked, ...Array.from({ length: 1500 }, () => ({ method: 'roots/list' }))),
      naive: 'answers',
      ours: 'result',
    },
  ],
};
