/** Secrets that come to a server, or that it holds. */
import { apiKeys, introspection, jwt } from '../../../src/auth/index.js';
import type { Auth } from '../../../src/authorization.js';
import { configFile } from '../../unit/cli/config-files.js';
import { initialize, inSession, modern, modernCall, onSession, type Parts } from '../attack.js';
import type { Heard, SinkName, World } from './world.js';

export interface CanaryRow {
  readonly name: string;
  /** Where it has to be, and why that is no leak. */
  readonly except?: { readonly [sink in SinkName]?: string };
  readonly inBody?: boolean;
  readonly auth?: (canary: string) => Auth;
  /** Resolves with the secret, where that is not the canary itself. */
  bring(canary: string, world: World): Promise<unknown>;
}

const good = { authorization: 'Bearer good-ann' };
const relay = modernCall('relay', {}, { progressToken: 1 });
const withHeaders = (headers: Parts['headers'], of: Parts = relay): Parts => ({
  ...of,
  headers: { ...of.headers, ...good, ...headers },
});
const call = (name: string, args: object): Parts => withHeaders({}, modernCall(name, args));
const asks = (method: string, params: object, name: string | null = null): Parts => ({
  ...withHeaders({ 'mcp-method': method, 'mcp-name': name }),
  body: modern(method, params),
});

async function inNewSession(world: World, headers: Parts['headers']): Promise<string> {
  const { headers: said } = await world.ask(withHeaders(headers, initialize));
  const session = String(said['mcp-session-id']);
  const begun = inSession({ method: 'notifications/initialized' }, session);
  await world.ask(withHeaders(headers, begun));
  const params = { name: 'relay', arguments: {}, _meta: { progressToken: 1 } };
  const made = inSession({ id: 1, method: 'tools/call', params }, session);
  await world.ask(withHeaders(headers, made));
  await world.ask(withHeaders(headers, onSession('GET', session)));
  return session;
}

const header = (name: string, value: (canary: string) => string): CanaryRow => ({
  name: `the header ${name}`,
  bring: (canary, world) => world.ask(withHeaders({ [name]: value(canary) })),
});

const authorizations: readonly CanaryRow[] = (
  [
    ['a token that is good', (canary) => `Bearer good-${canary}`],
    ['a token that is not', (canary) => `Bearer ${canary}`],
    ['a password', (canary) => `Basic ${Buffer.from(`ann:${canary}`).toString('base64')}`],
    ['a password as it is', (canary) => `Basic ann:${canary}`],
    ['a token with odd letters', (canary) => `Bearer ${canary}!`],
    ['a token that is too long', (canary) => `Bearer ${canary}${'a'.repeat(9000)}`],
    ['two tokens', (canary) => `Bearer good-ann, Bearer ${canary}`],
  ] as const satisfies readonly (readonly [string, (canary: string) => string])[]
).map(([name, value]) => ({ ...header('authorization', value), name }));

const headers: readonly CanaryRow[] = [
  ...authorizations,
  {
    name: 'the token of a session, its call and its stream',
    async bring(canary, world) {
      await inNewSession(world, { authorization: `Bearer good-${canary}` });
    },
  },
  {
    name: 'the id of a session',
    except: { answers: 'its client learns it there' },
    bring: (_canary, world) => inNewSession(world, {}),
  },
  {
    name: 'the id of a session that is not there, and of an event',
    async bring(canary, world) {
      await world.ask(withHeaders({}, inSession({ id: 1, method: 'ping' }, canary)));
      await world.ask(withHeaders({}, onSession('DELETE', canary)));
      const stream = onSession('GET', await inNewSession(world, {}));
      await world.ask(withHeaders({ 'last-event-id': `${canary}.1` }, stream));
    },
  },
  header('cookie', (canary) => `sid=${canary}`),
  header('proxy-authorization', (canary) => `Bearer ${canary}`),
  header('x-api-key', (canary) => canary),
  header('x-forwarded-access-token', (canary) => canary),
  header('referer', (canary) => `https://app.example/?code=${canary}`),
  header('baggage', (canary) => `token=${canary}`),
  header('dpop', (canary) => canary),
  {
    ...header('mcp-param-token', (canary) => canary),
    except: { upstream: 'it is an argument, and the middleware sends arguments on' },
  },
  header('mcp-name', (canary) => canary),
];

const addresses: readonly CanaryRow[] = (
  [
    ['a token in the query', (canary) => `/mcp?access_token=${canary}`],
    ['a key in the query', (canary) => `/mcp?api_key=${canary}`],
    ['a query', (canary) => `/mcp?${canary}`],
    ['a path', (canary) => `/mcp/${canary}`],
    ['the query of the metadata', (c) => `/.well-known/oauth-protected-resource?token=${c}`],
  ] as const satisfies readonly (readonly [string, (canary: string) => string])[]
).map(([name, target]) => ({
  name,
  bring: (canary, world) => world.ask({ ...withHeaders({}), target: target(canary) }),
}));

const inBody = true;
const bodies: readonly CanaryRow[] = [
  ...['throws', 'throwsCause', 'throwsText', 'throwsObject', 'throwsMany', 'throwsCoded'],
  ...['throwsNamed', 'throwsOurs', 'throwsTool', 'blocked'],
].map((tool) => ({
  name: `what the tool ${tool} fails with`,
  inBody,
  // What an author's code throws is for its author: the log is where they find it.
  except: {
    log: 'the author finds there what their code has thrown',
    upstream: 'its middleware sends arguments on',
  },
  bring: (canary, world) => world.ask(call(tool, { word: canary })),
}));

/** Arguments that are refused, so that nothing but the refusal could tell of them. */
const refused: readonly CanaryRow[] = (
  [
    ['of another type', { count: '$' }],
    ['outside of a list', { kind: '$' }],
    ['against a pattern', { name: '$' }],
    ['that is not known', { token: '$' }],
  ] as const
).map(([name, args]) => ({
  name: `an argument ${name}`,
  inBody,
  bring(canary, world) {
    const filled = JSON.parse(JSON.stringify(args).replace('$', canary)) as object;
    return world.ask(call('strict', filled));
  },
}));

const messages: readonly CanaryRow[] = [
  {
    name: 'an argument of a call that is answered',
    inBody,
    bring: (canary, world) => world.ask(call('quiet', { word: canary })),
  },
  {
    name: 'an argument of a tool that is not there',
    inBody,
    bring: (canary, world) => world.ask(call('nothing', { word: canary })),
  },
  {
    name: 'JSON that ends too soon',
    inBody,
    bring: (canary, world) => world.ask({ ...withHeaders({}), body: `{"token":"${canary}"` }),
  },
  {
    name: 'JSON that is no message',
    inBody,
    bring: (canary, world) => world.ask({ ...withHeaders({}), body: { token: canary } }),
  },
  {
    name: 'the argument of a prompt that fails',
    inBody,
    except: { log: 'the author finds there what their code has thrown' },
    bring: (canary, world) =>
      world.ask(asks('prompts/get', { name: 'draft', arguments: { word: canary } }, 'draft')),
  },
  {
    name: 'a resource that fails',
    inBody,
    except: { log: 'the author finds there what their code has thrown' },
    bring: (canary, world) => {
      const uri = `note:///${canary}`;
      return world.ask(asks('resources/read', { uri }, uri));
    },
  },
  {
    name: 'the beginning of what is completed',
    inBody,
    bring(canary, world) {
      const ref = { type: 'ref/resource', uri: 'note:///{name}' };
      const argument = { name: 'name', value: canary };
      return world.ask(asks('completion/complete', { ref, argument }));
    },
  },
  {
    name: 'the state of a request, forged',
    inBody,
    bring: (canary, world) =>
      world.ask(asks('tools/call', { name: 'ask', arguments: {}, requestState: canary }, 'ask')),
  },
  {
    name: 'what the state of a request keeps',
    inBody,
    except: { upstream: 'its middleware sends arguments on' },
    bring: (canary, world) => world.ask(asking({ arguments: { word: canary } })),
  },
  {
    name: 'the answer to a question',
    inBody,
    async bring(canary, world) {
      const { body }: Heard = await world.ask(asking({}));
      const { result } = JSON.parse(body) as { result: { requestState: string } };
      const answer = { action: 'accept', content: { value: canary } };
      const { requestState } = result;
      return world.ask(asking({ requestState, inputResponses: { value: answer } }));
    },
  },
];

function asking(more: object): Parts {
  const capabilities = { elicitation: { form: {} } };
  const meta = { 'io.modelcontextprotocol/clientCapabilities': capabilities };
  const params = { name: 'ask', arguments: {}, ...more };
  return { ...asks('tools/call', {}, 'ask'), body: modern('tools/call', params, meta) };
}

const bearer = (canary: string): Parts =>
  withHeaders({ authorization: `Bearer ${canary.replaceAll(' ', '')}` });
const issuer = 'https://login.example';

const verifiers: readonly CanaryRow[] = [
  {
    name: 'a claim of a token without a signature',
    auth: () =>
      jwt({ issuer, jwksUri: `${issuer}/keys`, fetch: () => Promise.reject(new Error()) }),
    bring(canary, world) {
      const part = (value: object): string =>
        Buffer.from(JSON.stringify(value)).toString('base64url');
      const token = `${part({ alg: 'none' })}.${part({ iss: issuer, email: canary })}.`;
      return world.ask(bearer(token)).then(() => token);
    },
  },
  {
    name: 'a token whose issuer cannot be asked',
    auth: () => introspection({ ...introspected, fetch: () => Promise.reject(new Error()) }),
    bring: (canary, world) => world.ask(bearer(canary)),
  },
  {
    name: 'a token that its issuer repeats in an error',
    auth: (canary) =>
      introspection({
        ...introspected,
        fetch: () => Promise.resolve(new Response(`No ${canary}`, { status: 400 })),
      }),
    bring: (canary, world) => world.ask(bearer(canary)),
  },
  {
    name: 'what a server shows to the issuer',
    auth: (canary) =>
      introspection({
        ...introspected,
        clientSecret: canary,
        fetch: (_url, about) => Promise.reject(new Error(about.headers?.['accept'])),
      }),
    async bring(canary, world) {
      world.came.push(canary);
      await world.ask(bearer('any'));
    },
  },
  {
    name: 'a key that is not known',
    auth: () => apiKeys(configFile('{"keys":[]}')),
    bring: (canary, world) => world.ask(bearer(`sp_0123456789abcdef01_${canary}`)),
  },
];

const introspected = {
  issuer,
  endpoint: `${issuer}/introspect`,
  clientId: 'server',
  clientSecret: 'hush',
};

export const httpRows: readonly CanaryRow[] = [
  ...headers,
  ...addresses,
  ...bodies,
  ...refused,
  ...messages,
  ...verifiers,
];
