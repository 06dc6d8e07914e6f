import { expect } from 'vitest';
import * as z from 'zod';
import { AskDeclined, inputRequired, text } from '../../src/index.js';
import type { Answers } from '../../src/client/index.js';
import { cites } from '../requirements.js';
import { matrix } from './matrix.js';

const person = z.object({ name: z.string() });

/** How often the server was called, rounds included. */
const isRound = ({ result }: { result?: unknown }): boolean =>
  (result as { resultType?: string } | undefined)?.resultType === 'input_required';

matrix('a form is asked, and its answer comes back typed', async ({ server, connect }) => {
  server.tool('greet', {}, async (_args, { ask }) => {
    const { name } = await ask.form('who', 'Your name?', person);
    return `hi ${name}`;
  });
  const asked: unknown[] = [];
  const form: Answers['form'] = (question) => {
    asked.push(question);
    return { name: 'Ann' };
  };
  const client = await connect({ answers: { form } });
  expect((await client.callTool('greet')).content).toEqual([text('hi Ann')]);
  expect(asked).toEqual([
    expect.objectContaining({
      message: 'Your name?',
      requestedSchema: {
        type: 'object',
        properties: { name: { type: 'string' } },
        required: ['name'],
      },
    }),
  ]);
});

for (const action of ['decline', 'cancel'] as const) {
  matrix(`a form that the user answers with ${action} is a typed outcome`, async (stage) => {
    const { server, connect } = stage;
    server.tool('told', {}, async (_args, { ask }) => {
      try {
        await ask.form('who', 'Your name?', person);
        return 'answered';
      } catch (thrown) {
        if (thrown instanceof AskDeclined) return `${thrown.key}: ${thrown.action}`;
        throw thrown;
      }
    });
    server.tool('untold', {}, async (_args, { ask }) => {
      await ask.form('who', 'Your name?', person);
      return 'answered';
    });
    const client = await connect({ answers: { form: () => action } });
    expect((await client.callTool('told')).content).toEqual([text(`who: ${action}`)]);
    const { isError, content } = await client.callTool('untold');
    expect(isError).toBe(true);
    expect(JSON.stringify(content)).toContain(action === 'decline' ? 'declined' : 'cancelled');
  });
}

cites('elicit/checked', 'rounds/asks-again');
matrix('an answer that does not fit is asked for again', async ({ server, connect }) => {
  server.tool('age', {}, async (_args, { ask }) => {
    const { age } = await ask.form('age', 'Your age?', z.object({ age: z.number() }));
    return String(age);
  });
  const said = [{ age: 'old' }, {}, { age: 7 }];
  const client = await connect({ answers: { form: () => said.shift()! } });
  expect((await client.callTool('age')).content).toEqual([text('7')]);
  expect(said).toEqual([]);
});

matrix('questions put together go out in one round', async ({ server, connect, wire }) => {
  let entered = 0;
  server.tool('ask', {}, async (_args, { ask }) => {
    entered++;
    const [a, b, roots] = await Promise.all([
      ask.form('a', 'A?', person),
      ask.form('b', 'B?', person),
      ask.roots(),
    ]);
    return `${a.name} ${b.name} ${roots.length}`;
  });
  const form: Answers['form'] = ({ message }) => ({ name: message });
  const client = await connect({ answers: { form, roots: [{ uri: 'file:///x' }] } });
  expect((await client.callTool('ask')).content).toEqual([text('A? B? 1')]);
  expect(entered).toBe(2);
  const rounds = wire.messages('server').filter(isRound);
  const questions = wire.messages('server').filter(({ id, method }) => id !== undefined && method);
  expect([rounds.length, questions.length]).toEqual(rounds.length === 1 ? [1, 0] : [0, 3]);
});

matrix('questions one after the other take a round each', async ({ server, connect }) => {
  let entered = 0;
  server.tool('ask', {}, async (_args, { ask }) => {
    entered++;
    const a = await ask.form('a', 'A?', person);
    const b = await ask.form('b', `B, ${a.name}?`, person);
    return `${a.name} ${b.name}`;
  });
  const form: Answers['form'] = ({ message }) => ({ name: message });
  const client = await connect({ answers: { form } });
  expect((await client.callTool('ask')).content).toEqual([text('A? B, A??')]);
  expect(entered).toBe(3);
});

matrix('a handler cannot swallow its own pause', async ({ server, connect, reported }) => {
  const steps: string[] = [];
  server.tool('ask', {}, async (_args, { ask, signal }) => {
    let name = 'nobody';
    try {
      ({ name } = await ask.form('who', 'Your name?', person));
    } catch {
      steps.push(`caught, aborted: ${signal.aborted}`);
    } finally {
      steps.push('finally');
    }
    return name;
  });
  const client = await connect({ answers: { form: () => ({ name: 'Ann' }) } });
  expect((await client.callTool('ask')).content).toEqual([text('Ann')]);
  expect(steps).toEqual(['caught, aborted: true', 'finally', 'finally']);
  expect(reported).toEqual([]);
});

matrix('what was said before a question is heard once', async ({ server, connect }) => {
  server.tool('ask', {}, async (_args, call) => {
    await call.progress(1);
    await call.log('info', 'before');
    const { name } = await call.ask.form('who', 'Your name?', person);
    await call.progress(2);
    await call.log('info', 'after');
    return name;
  });
  const heard: unknown[] = [];
  const client = await connect({
    answers: { form: () => ({ name: 'Ann' }) },
    onLog: ({ data }) => heard.push(data),
  });
  await client.callTool('ask', {}, { onProgress: ({ done }) => heard.push(done) });
  expect(heard).toEqual([1, 'before', 2, 'after']);
});

matrix('an effect within call.once happens once', async ({ server, connect }) => {
  let charged = 0;
  server.tool('buy', {}, async (_args, call) => {
    const receipt = await call.once('charge', () => ({ number: ++charged }));
    const again = await call.once('charge', () => ({ number: ++charged }));
    const { name } = await call.ask.form('who', 'Whose?', person);
    const gift = await call.ask.form('gift', 'A gift?', person);
    return `${name} ${gift.name} ${receipt.number} ${again.number}`;
  });
  const client = await connect({ answers: { form: ({ message }) => ({ name: message }) } });
  expect((await client.callTool('buy')).content).toEqual([text('Whose? A gift? 1 1')]);
  expect(charged).toBe(1);
  // Once for a chain of rounds, not for ever.
  await client.callTool('buy');
  expect(charged).toBe(2);
});

matrix('an effect that fails within call.once is tried again', async ({ server, connect }) => {
  let tries = 0;
  server.tool('buy', {}, async (_args, call) => {
    const attempt = (): Promise<number> =>
      call.once('charge', () => {
        if (++tries === 1) throw new Error('no luck');
        return tries;
      });
    return String(await attempt().catch(attempt));
  });
  const client = await connect();
  expect((await client.callTool('buy')).content).toEqual([text('2')]);
});

matrix('a URL is shown to the user', async ({ server, connect, era, revision }) => {
  server.tool('pay', {}, async (_args, { ask }) => {
    await ask.url('pay', 'Please pay', 'https://pay.example/1');
    return 'paid';
  });
  const asked: unknown[] = [];
  const client = await connect({
    answers: { url: (question) => (asked.push(question), true) },
  });
  if (era === 'legacy' && revision < '2025-11-25') return;
  expect((await client.callTool('pay')).content).toEqual([text('paid')]);
  expect(asked).toEqual([
    expect.objectContaining({ message: 'Please pay', url: 'https://pay.example/1' }),
  ]);
});

cites('sampling/max-tokens');
matrix("the client's model is asked", async ({ server, connect }) => {
  const params = {
    messages: [{ role: 'user', content: text('Say hi') }],
    maxTokens: 10,
  } as const;
  server.tool('think', {}, async (_args, { ask }) => {
    const { content, model } = await ask.sample('hi', {
      ...params,
      messages: [...params.messages],
    });
    return `${model}: ${JSON.stringify(content)}`;
  });
  const asked: unknown[] = [];
  const client = await connect({
    answers: {
      sample(question) {
        asked.push(question);
        return { role: 'assistant', content: text('hi'), model: 'm1', stopReason: 'endTurn' };
      },
    },
  });
  const { content } = await client.callTool('think');
  expect(content).toEqual([text('m1: {"type":"text","text":"hi"}')]);
  expect(asked).toEqual([expect.objectContaining(params)]);
});

matrix('the folders of the user are asked for', async ({ server, connect }) => {
  server.tool('roots', {}, async (_args, { ask }) =>
    (await ask.roots()).map(({ uri, name }) => `${name} ${uri}`).join(),
  );
  const roots = [{ uri: 'file:///a', name: 'A' }];
  for (const given of [roots, () => roots, () => Promise.resolve(roots)]) {
    const client = await connect({ answers: { roots: given } });
    expect((await client.callTool('roots')).content).toEqual([text('A file:///a')]);
  }
});

cites('rounds/declared-only', 'elicit/unsupported-mode', 'capability/missing');
matrix('a client that cannot answer is told so, and nothing is asked', async (stage) => {
  const { server, connect, era, wire, reported } = stage;
  const questions = {
    form: { elicitation: { form: {} } },
    url: { elicitation: { url: {} } },
    sample: { sampling: {} },
    roots: { roots: {} },
  };
  server.tool('ask', { input: z.object({ what: z.string() }) }, async ({ what }, { ask }) => {
    if (what === 'form') await ask.form('a', 'A?', person);
    else if (what === 'url') await ask.url('a', 'A?', 'https://a.example');
    else if (what === 'sample') await ask.sample('a', { messages: [], maxTokens: 1 });
    else await ask.roots();
    return 'asked';
  });
  const client = await connect();
  for (const [what, requiredCapabilities] of Object.entries(questions)) {
    await expect(client.callTool('ask', { what })).rejects.toMatchObject({
      code: era === 'modern' ? -32021 : -32600,
      data: { requiredCapabilities },
      fromPeer: true,
    });
  }
  expect(wire.messages('server').filter(isRound)).toEqual([]);
  expect(reported).toEqual([]);
});

matrix('an optional question can be left out by looking at the peer', async (stage) => {
  stage.server.tool('ask', {}, async (_args, { ask, peer }) => {
    if (peer.capabilities.elicitation === undefined) return 'not asked';
    return (await ask.form('who', 'Your name?', person)).name;
  });
  const mute = await stage.connect();
  expect((await mute.callTool('ask')).content).toEqual([text('not asked')]);
  const able = await stage.connect({ answers: { form: () => ({ name: 'Ann' }) } });
  expect((await able.callTool('ask')).content).toEqual([text('Ann')]);
});

matrix('the explicit form asks, too', async ({ server, connect }) => {
  server.tool('ask', {}, (_args, call) => {
    const { state = 0 } = call as { state?: unknown };
    const answer = call.responses['who'] as { content?: { name?: string } } | undefined;
    if (answer !== undefined) return `${answer.content?.name} ${String(state)}`;
    const requestedSchema = { type: 'object', properties: { name: { type: 'string' } } };
    const params = { mode: 'form', message: 'Your name?', requestedSchema };
    return inputRequired({
      requests: { who: { method: 'elicitation/create', params } },
      state: 42,
    });
  });
  const client = await connect({ answers: { form: () => ({ name: 'Ann' }) } });
  expect((await client.callTool('ask')).content).toEqual([text('Ann 42')]);
});

matrix('a round without a question is simply tried again', async ({ server, connect }) => {
  server.tool('busy', {}, (_args, call) =>
    call.state === undefined ? inputRequired({ state: 'later' }) : JSON.stringify(call.state),
  );
  const client = await connect();
  expect((await client.callTool('busy')).content).toEqual([text('"later"')]);
});

matrix('resources and prompts may ask as tools do', async ({ server, connect }) => {
  server.resource('test://a', {}, async (_target, { ask }) => {
    const { name } = await ask.form('who', 'Your name?', person);
    return name;
  });
  server.prompt('a', {}, async (_args, { ask }) => {
    const { name } = await ask.form('who', 'Your name?', person);
    return name;
  });
  const client = await connect({ answers: { form: () => ({ name: 'Ann' }) } });
  expect(await client.readResource('test://a')).toMatchObject({ contents: [{ text: 'Ann' }] });
  expect(await client.getPrompt('a')).toMatchObject({ messages: [{ content: text('Ann') }] });
});

const shortRounds = {
  host: { limits: { inputRoundsMax: 2 } },
} as const;

matrix('a call that asks for ever is ended', shortRounds, async ({ server, connect }) => {
  let rounds = 0;
  server.tool('ask', {}, async (_args, { ask }) => {
    await ask.form(`who${++rounds}`, 'Your name?', person);
    return 'never';
  });
  const client = await connect({
    answers: { form: () => ({ name: 'Ann' }) },
    limits: { inputRoundsMax: 2 },
  });
  await expect(client.callTool('ask')).rejects.toSatisfy(
    ({ kind, code }) => kind === 'badResponse' || code === -32603,
  );
  expect(rounds).toBe(3);
});

matrix("a person's time is not the call's time", async ({ server, connect, clock }) => {
  server.tool('ask', { timeoutMs: 1000 }, async (_args, { ask }) => {
    const { name } = await ask.form('who', 'Your name?', person);
    return name;
  });
  const client = await connect({
    answers: {
      async form() {
        await clock.advance(600_000);
        return { name: 'Ann' };
      },
    },
  });
  const { content } = await client.callTool('ask', {}, { timeoutMs: 1000 });
  expect(content).toEqual([text('Ann')]);
});

matrix('a call that is cancelled while it asks takes its question back', async (stage) => {
  const { server, connect, wire } = stage;
  server.tool('ask', {}, async (_args, { ask }) => {
    const { name } = await ask.form('who', 'Your name?', person);
    return name;
  });
  let shown = (): void => undefined;
  const asked = new Promise<void>((resolve) => (shown = resolve));
  const client = await connect({
    answers: { form: () => (shown(), new Promise(() => undefined)) },
  });
  const controller = new AbortController();
  const call = client.callTool('ask', {}, { signal: controller.signal });
  await asked;
  controller.abort();
  await expect(call).rejects.toMatchObject({ kind: 'cancelled' });
  await client.ping();
  const answers = wire.messages('client').filter(({ result }) => result !== undefined);
  expect(answers).toEqual([]);
});

matrix('closing the client settles a call that waits for a person', async (stage) => {
  const { server, connect } = stage;
  server.tool('ask', {}, async (_args, { ask }) => {
    const { name } = await ask.form('who', 'Your name?', person);
    return name;
  });
  let shown = (): void => undefined;
  const asked = new Promise<void>((resolve) => (shown = resolve));
  const client = await connect({
    answers: { form: () => (shown(), new Promise(() => undefined)) },
  });
  const call = client.callTool('ask');
  const failed = expect(call).rejects.toMatchObject({ kind: 'connectionClosed' });
  await asked;
  await client.close();
  await failed;
});
