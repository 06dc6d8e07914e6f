/** Questions of a session's server that the client has to turn down. */
import { expect, test } from 'vitest';
import type { Answers } from '../../../src/client/index.js';
import { connect } from '../../../src/connect.js';
import { text } from '../../../src/index.js';
import type { JsonObject } from '../../../src/json-rpc/message.js';
import { manualPlatform } from '../../../src/testing/index.js';
import { cites } from '../../requirements.js';
import { scripted, welcome } from './scripted.js';

const hi = { role: 'user', content: text('hi') } as const;
const use = { role: 'assistant', content: { type: 'tool_use', id: '1', name: 't', input: {} } };
const form = { message: 'A?', requestedSchema: { type: 'object', properties: {} } };
const tools = [{ name: 't', inputSchema: { type: 'object' } }];
const sample: Answers['sample'] = () => ({ role: 'assistant', content: hi.content, model: 'm' });

/** What the client answers to one question. */
async function answerTo(answers: Answers, method: string, params: JsonObject): Promise<unknown> {
  let answered = (_answer: unknown): void => undefined;
  const answer = new Promise((resolve) => (answered = resolve));
  const server = scripted((asked, self) => {
    if (asked.method === 'initialize') self.result(asked, welcome);
    else if (asked.method === undefined) answered(asked);
  });
  const options = { era: 'legacy', answers, platform: manualPlatform() } as const;
  await using client = await connect(server.pipe, options);
  expect(client.protocolVersion).toBe('2025-11-25');
  server.ask({ id: 1, method, params });
  return await answer;
}

cites('elicit/refuses-mode', 'sampling/refuses-tools', 'sampling/refuses-imbalance');
test.each<[what: string, answers: Answers, method: string, params: JsonObject]>([
  ['a form', { url: () => true }, 'elicitation/create', form],
  [
    'a URL',
    { form: () => ({}) },
    'elicitation/create',
    { mode: 'url', message: 'A?', url: 'https://a.example', elicitationId: '1' },
  ],
  ['a mode that is none', { form: () => ({}) }, 'elicitation/create', { ...form, mode: 'voice' }],
  ['tools', { sample }, 'sampling/createMessage', { messages: [hi], maxTokens: 1, tools }],
  [
    'a tool choice',
    { sample },
    'sampling/createMessage',
    { messages: [hi], maxTokens: 1, toolChoice: { mode: 'auto' } },
  ],
  [
    'a tool that is used without a result',
    { sample, sampleTools: true },
    'sampling/createMessage',
    { messages: [hi, use, hi], maxTokens: 1, tools },
  ],
])('%s is refused where it was not offered, or makes no sense', async (...row) => {
  const [, answers, method, params] = row;
  expect(await answerTo(answers, method, params)).toMatchObject({
    id: 1,
    error: { code: -32602, message: expect.any(String) },
  });
});

cites('roots/unsupported', 'session/capabilities-respected');
test.each(['roots/list', 'sampling/createMessage', 'nonsense'])(
  '%s is no method of a client that did not offer it',
  async (method) => {
    const params = method === 'roots/list' ? {} : { messages: [hi], maxTokens: 1 };
    expect(await answerTo({}, method, params)).toMatchObject({ id: 1, error: { code: -32601 } });
  },
);
