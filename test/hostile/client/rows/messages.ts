import { answerTo, type Asked, type ClientAttackGroup, note, type Reply } from '../attack.js';

/** An answer that is good but for what is put over it. */
const with_ =
  (over: object) =>
  (asked: Asked): Reply => ({ body: JSON.stringify({ ...answerTo(asked), ...over }) });
const withResult =
  (result: unknown) =>
  ({ id }: Asked): Reply => ({ body: JSON.stringify({ jsonrpc: '2.0', id, result }) });
/** A good answer with `text` as one more member of its result. */
const withText =
  (text: string) =>
  ({ id }: Asked): Reply => ({
    body: `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"resultType":"complete","content":[],${text}}}`,
  });
const streamed =
  (...messages: readonly object[]) =>
  (asked: Asked): Reply => ({ messages: [...messages, answerTo(asked)] });

export const answers: ClientAttackGroup = {
  guard: 'answers that are none',
  stoppedBy: 'src/transports/http/connect.ts',
  each: { naive: 'believes', ours: 'badResponse' },
  attacks: [
    { name: 'to another request', reply: with_({ id: 999 }), ours: 'outcomeUnknown' },
    {
      name: 'to the id as text',
      reply: (asked) => with_({ id: String(asked.id) })(asked),
      ours: 'outcomeUnknown',
    },
    {
      name: 'to another request, as an event',
      reply: (asked) => ({ messages: [{ ...answerTo(asked), id: 999 }] }),
      ours: 'outcomeUnknown',
    },
    {
      name: 'to another request, before the right one',
      reply: (asked) => ({ messages: [{ ...answerTo(asked), id: 999 }, answerTo(asked)] }),
      ours: 'result',
    },
    { name: 'to half an id', reply: with_({ id: 1.5 }) },
    { name: 'to nobody', reply: with_({ id: null }) },
    { name: 'to an id that is a list', reply: with_({ id: [1] }) },
    { name: 'result and error at once', reply: with_({ error: { code: 1, message: 'no' } }) },
    { name: 'without jsonrpc', reply: with_({ jsonrpc: undefined }) },
    { name: 'of another JSON-RPC', reply: with_({ jsonrpc: '1.0' }) },
    {
      name: 'a batch',
      reply: (asked) => ({ body: JSON.stringify([answerTo(asked)]) }),
      naive: 'breaks',
    },
    { name: 'a list as result', reply: withResult([]) },
    { name: 'null as result', reply: withResult(null), naive: 'breaks' },
    { name: 'a result without content', reply: withResult({ resultType: 'complete' }) },
    {
      name: 'content that is none',
      reply: withResult({ resultType: 'complete', content: 'text' }),
    },
    {
      name: 'content of a wrong shape',
      reply: withResult({ resultType: 'complete', content: [{ type: 'text', text: 5 }] }),
    },
    {
      name: 'a kind of result that nobody knows',
      reply: withResult({ resultType: 'partial', content: [] }),
    },
    {
      name: 'an answer that is both kinds of body',
      reply: (asked) => ({ events: JSON.stringify(answerTo(asked)), then: 'cut' }),
      naive: 'storms',
      ours: 'outcomeUnknown',
    },
  ],
};

export const texts: ClientAttackGroup = {
  guard: 'JSON that harms its reader',
  stoppedBy: 'src/json-rpc/parse.ts',
  each: { naive: 'believes', ours: 'badResponse' },
  attacks: [
    {
      name: 'a hundred thousand levels',
      reply: withText(`"x":${'['.repeat(100_000)}${']'.repeat(100_000)}`),
      naive: 'breaks',
    },
    { name: 'a prototype', reply: withText('"__proto__":{"isAdmin":true}') },
    { name: 'an escaped prototype', reply: withText('"\\u005f_proto__":{"isAdmin":true}') },
    { name: 'two members of one name', reply: withText('"isError":true,"isError":false') },
    {
      name: 'a hundred thousand values',
      reply: withText(`"x":[${'0,'.repeat(100_000)}0]`),
      limits: { clientMessageNodesMax: 10_000 },
    },
    {
      name: 'twenty thousand members',
      reply: withText(Array.from({ length: 20_000 }, (_, at) => `"${at}":0`).join()),
    },
    { name: 'a number of 100,000 digits', reply: withText(`"x":${'1'.repeat(100_000)}`) },
    {
      name: 'a byte that is no UTF-8',
      reply: (asked) => ({
        body: Buffer.from(withText('"x":"\xff"')(asked).body as string, 'latin1'),
      }),
    },
    {
      name: 'a byte order mark',
      reply: (asked) => ({ body: `\ufeff${JSON.stringify(answerTo(asked))}` }),
      naive: 'breaks',
    },
    { name: 'no JSON', reply: { body: 'It works!' }, naive: 'breaks' },
    { name: 'nothing', reply: { body: '' }, naive: 'breaks' },
    { name: 'no JSON in an event', reply: { events: 'data: It works!\n\n' }, naive: 'breaks' },
    {
      name: 'a hundred thousand levels in an event',
      reply: (asked) => ({
        events: `data: ${withText(`"x":${'['.repeat(100_000)}${']'.repeat(100_000)}`)(asked).body as string}\n\n`,
      }),
    },
  ],
};

export const notices: ClientAttackGroup = {
  guard: 'notices of a wrong shape',
  stoppedBy: 'src/client/call.ts',
  each: { naive: 'breaks', ours: 'result' },
  attacks: [
    {
      name: 'progress in words',
      reply: (asked) =>
        streamed(note('progress', { progressToken: asked.id, progress: 'half' }))(asked),
    },
    {
      name: 'progress of nothing',
      reply: (asked) =>
        streamed(note('progress', { progressToken: asked.id, progress: null }))(asked),
    },
    {
      name: 'progress without params',
      reply: streamed({ jsonrpc: '2.0', method: 'notifications/progress' }),
    },
    {
      name: 'a log message without params',
      reply: streamed({ jsonrpc: '2.0', method: 'notifications/message' }),
    },
    { name: 'a log message without a level', reply: streamed(note('message', { data: 'x' })) },
    {
      name: 'a log message whose level is a list',
      reply: streamed(note('message', { level: ['info'], data: 'x' })),
    },
    {
      name: 'a hundred notices of no kind',
      reply: streamed(
        ...Array.from({ length: 100 }, () => note('progress', { progressToken: {} })),
      ),
    },
  ],
};
