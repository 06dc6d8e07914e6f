import { expect } from 'vitest';
import * as z from 'zod';
import { createServer, type Middleware, text } from '../../src/index.js';
import { hostServer, manualPlatform } from '../../src/testing/index.js';
import { cites } from '../requirements.js';
import { matrix } from './matrix.js';
import { letIn } from '../let-in.js';

const input = z.object({ amount: z.number() });
const confirm = z.object({ yes: z.boolean() });
const modern = { eras: ['modern'] } as const;
const refused = { kind: 'invalidParams', code: -32602, fromPeer: true };

/** Changes what goes out with the second round. */
const changing =
  (change: (params: { [key: string]: unknown }) => { [key: string]: unknown }): Middleware =>
  (next) =>
  (request, io) => {
    const { params } = request;
    if (params?.['requestState'] === undefined) return next(request, io);
    return next({ ...request, params: change({ ...params }) }, io);
  };

const flip = (state: unknown, at: number): string => {
  const chars = [...String(state)];
  const place = (at + chars.length) % chars.length;
  chars[place] = chars[place] === 'A' ? 'B' : 'A';
  return chars.join('');
};

const forgeries: { readonly [name: string]: (state: unknown) => unknown } = {
  'changed at its beginning': (state) => flip(state, 0),
  'changed in its middle': (state) => flip(state, Math.floor(String(state).length / 2)),
  'changed in its last byte': (state) => flip(state, -2),
  'cut short': (state) => String(state).slice(0, -4),
  'made longer': (state) => `${String(state)}AAAA`,
  empty: () => '',
  'no base64': () => '???',
  'as long as it likes': () => 'A'.repeat(100_000),
};

cites('rounds/state-sealed');
matrix('state that was tampered with is refused', modern, async ({ server, connect }) => {
  let paid = 0;
  server.tool('pay', { input }, async ({ amount }, call) => {
    const { yes } = await call.ask.form('sure', `Pay ${amount}?`, confirm);
    if (yes) paid++;
    return 'paid';
  });
  const form = (): { yes: boolean } => ({ yes: true });
  for (const [name, forge] of Object.entries(forgeries)) {
    const middleware = [
      changing((params) => ({ ...params, requestState: forge(params['requestState']) })),
    ];
    const client = await connect({ answers: { form }, middleware });
    const call = client.callTool('pay', { amount: 1 });
    await expect(call, name).rejects.toMatchObject({ code: -32602, fromPeer: true });
  }
  expect(paid).toBe(0);
});

cites('rounds/state-bound');
matrix('state of another call is refused', modern, async ({ server, connect }) => {
  let paid = 0;
  for (const name of ['pay', 'pay2']) {
    server.tool(name, { input }, async ({ amount }, call) => {
      await call.ask.form('sure', `Pay ${amount}?`, confirm);
      paid++;
      return 'paid';
    });
  }
  const form = (): { yes: boolean } => ({ yes: true });
  const changes = [
    (params: object) => ({ ...params, arguments: { amount: 1_000_000 } }),
    (params: object) => ({ ...params, name: 'pay2' }),
  ];
  for (const change of changes) {
    const client = await connect({ answers: { form }, middleware: [changing(change)] });
    await expect(client.callTool('pay', { amount: 1 })).rejects.toMatchObject(refused);
  }
  expect(paid).toBe(0);
});

cites('rounds/state-bound');
matrix('state is good for an hour', modern, async ({ server, connect, clock }) => {
  server.tool('pay', { input }, async (_args, call) => {
    await call.ask.form('sure', 'Pay?', confirm);
    return 'paid';
  });
  const hourMs = 60 * 60 * 1000;
  for (const [waitMs, good] of [
    [hourMs, true],
    [hourMs + 1, false],
  ] as const) {
    const form = async (): Promise<{ yes: boolean }> => {
      await clock.advance(waitMs);
      return { yes: true };
    };
    const client = await connect({ answers: { form } });
    const call = client.callTool('pay', { amount: 1 });
    if (good) expect((await call).content).toEqual([text('paid')]);
    else await expect(call).rejects.toMatchObject(refused);
  }
});

cites('rounds/unknown-ignored');
matrix('answers that nobody asked for are ignored', modern, async ({ server, connect }) => {
  server.tool('ask', {}, async (_args, call) => {
    const { yes } = await call.ask.form('sure', 'Pay?', confirm);
    return String(yes);
  });
  const middleware = [
    changing((params) => ({
      ...params,
      inputResponses: {
        ...(params['inputResponses'] as object),
        constructor: { action: 'accept', content: {} },
        other: { action: 'accept', content: { yes: false } },
      },
    })),
  ];
  const client = await connect({ answers: { form: () => ({ yes: true }) }, middleware });
  expect((await client.callTool('ask')).content).toEqual([text('true')]);
});

const http = { ...modern, transports: ['http', 'web'] } as const;

cites('rounds/state-bound');
matrix('state of another principal is refused', http, async ({ transport }) => {
  const platform = manualPlatform();
  const server = createServer({ name: 'state', version: '1.0.0', scopes: [], platform });
  server.tool('ask', {}, async (_args, call) => {
    await call.ask.form('sure', 'Sure?', confirm);
    return call.peer.principal.id;
  });
  const endpoint = { auth: letIn((token) => token) };
  const host = await hostServer(transport, server, { platform, endpoint });
  let stolen: unknown;
  const connect = (name: string, middleware: Middleware[]) =>
    host.connect({
      era: 'modern',
      headers: { authorization: `Bearer ${name}` },
      answers: { form: () => ({ yes: true }) },
      middleware,
    });
  const spy = changing((params) => ({
    ...params,
    requestState: (stolen = params['requestState']),
  }));
  const [ann, bob] = [
    await connect('ann', [spy]),
    await connect('bob', [changing((params) => ({ ...params, requestState: stolen }))]),
  ];
  expect((await ann.callTool('ask')).content).toEqual([text('ann')]);
  await expect(bob.callTool('ask')).rejects.toMatchObject(refused);
  await Promise.all([ann.close(), bob.close()]);
  await host.close();
});
