/** What callers may see and do by their scopes, and how they are told what they lack. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Auth } from '../../src/authorization.js';
import { createServer, type Server } from '../../src/server/index.js';
import type { EndpointOptions } from '../../src/transports/http/index.js';
import { initialize, inSession, modern, modernCall, type Parts, plainGet } from './attack.js';
import { type Door, doorNames, openDoor } from './doors.js';
import type { Heard } from './raw-http.js';
import { createVictim, type Victim } from './victim.js';

const scopesOf: { readonly [token: string]: readonly string[] } = {
  guest: [],
  reader: ['files:read'],
  writer: ['files:read', 'files:write'],
  odd: ['files', 'read', 'files:read files:write', '*', 'files:*'],
};
const auth: Auth = {
  issuers: ['https://login.example'],
  scopes: ['files:read'],
  verify: (id, { resource }) => ({
    id,
    audience: resource,
    expiresAt: Infinity,
    scopes: scopesOf[id] ?? [],
  }),
};
const setup: EndpointOptions = { auth, publicUrl: 'https://mcp.example/mcp' };
const pointer = 'resource_metadata="https://mcp.example/.well-known/oauth-protected-resource/mcp"';

let runs = 0;
const told: unknown[] = [];

function createFiles(): Server {
  const server = createServer({
    name: 'files',
    version: '1.0.0',
    cache: { ttlMs: 1000, scope: 'public' },
    onError: (thrown) => void told.push(thrown),
  });
  server.tool('who', { scopes: [] }, (_args, call) => call.peer.principal.id);
  server.tool('read', { scopes: ['files:read'] }, () => `read ${++runs}`);
  server.tool('write', { scopes: ['files:read', 'files:write'] }, () => `wrote ${++runs}`);
  server.tool('forgotten', {}, () => `ran ${++runs}`);
  server.tool('erase', { scopes: [] }, (_args, call) => {
    call.requireScopes('files:write', 'files:erase');
    return `erased ${++runs}`;
  });
  server.tool('late', { scopes: [] }, async (_args, call) => {
    await call.progress(1);
    call.requireScopes('files:write');
    return `ran ${++runs}`;
  });
  const complete = { name: () => ['secret'] };
  server.resource('file:///a', { scopes: ['files:read'] }, () => 'a');
  server.resource('file:///none', {}, () => 'none');
  server.resource('dir:///{name}', { scopes: ['files:read'], complete }, () => 'listing');
  server.resource('raw:///{name}', { complete }, () => 'raw');
  server.prompt('summary', { scopes: ['files:read'], complete }, () => 'Sum it up');
  server.prompt('draft', { complete }, () => 'Draft');
  return server;
}

const opened: Door[] = [];
async function open(name: (typeof doorNames)[number], options = setup): Promise<Door> {
  const victim: Victim = { ...createVictim(), served: createFiles() };
  const door = await openDoor(name, options, victim);
  opened.push(door);
  return door;
}
afterEach(async () => {
  told.length = 0;
  await Promise.all(opened.splice(0).map((door) => door.close()));
});

function as(who: string, parts: Parts): Parts {
  return { ...parts, headers: { ...parts.headers, authorization: `Bearer ${who}` } };
}

function asks(method: string, params: object = {}): Parts {
  const { headers, ...rest } = modernCall('x');
  const { name, uri } = params as { name?: string; uri?: string };
  const named = name ?? uri;
  const target = named === undefined ? { 'mcp-name': null } : { 'mcp-name': named };
  return {
    ...rest,
    headers: { ...headers, 'mcp-method': method, ...target },
    body: modern(method, params),
  };
}

interface Said {
  readonly status: number | undefined;
  readonly result?: { readonly [member: string]: unknown };
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown };
  readonly challenge: string | undefined;
}

async function say(door: Door, who: string, parts: Parts): Promise<Said> {
  const { heard } = await door.send(as(who, parts));
  return { ...answerIn(heard), status: heard?.status, challenge: challengeIn(heard) };
}

function challengeIn(heard: Heard | undefined): string | undefined {
  return heard?.headers.get('www-authenticate');
}

function answerIn(heard: Heard | undefined): Pick<Said, 'result' | 'error'> {
  const text = heard?.body ?? '';
  const last = text.startsWith('{') ? text : text.slice(text.lastIndexOf('data: {') + 6);
  return JSON.parse(last || '{}') as Pick<Said, 'result' | 'error'>;
}

async function namesOf(door: Door, who: string, method: string, member: string): Promise<string[]> {
  const { result } = await say(door, who, asks(method));
  expect(result).toMatchObject({ cacheScope: 'private' });
  const items = result?.[member] as readonly { name: string }[];
  return items.map(({ name }) => name).toSorted();
}

const lacks = (scope: string): string =>
  `Bearer error="insufficient_scope", scope="${scope}", ${pointer}`;

describe.each(doorNames)('by %s', (name) => {
  test('lists show what the caller may use, and nothing that has no scopes', async () => {
    const door = await open(name);
    const tools = async (who: string): Promise<string> =>
      (await namesOf(door, who, 'tools/list', 'tools')).join(' ');
    expect(await tools('guest')).toBe('erase late who');
    expect(await tools('reader')).toBe('erase late read who');
    expect(await tools('writer')).toBe('erase late read who write');
    expect(await tools('odd')).toBe('erase late who');
    expect(await tools('guest')).toBe('erase late who');
    for (const [method, member, seen] of [
      ['resources/list', 'resources', 'file:///a'],
      ['resources/templates/list', 'resourceTemplates', 'dir:///{name}'],
      ['prompts/list', 'prompts', 'summary'],
    ] as const) {
      expect(await namesOf(door, 'guest', method, member)).toEqual([]);
      expect(await namesOf(door, 'reader', method, member)).toEqual([seen]);
    }
    // Once for the tools, and not again for each caller.
    expect(told.map(String).filter((text) => text.includes('"forgotten"'))).toHaveLength(1);
  });

  test('a call without its scopes is refused with all that it needs', async () => {
    const door = await open(name);
    const before = runs;
    for (const [parts, scope] of [
      [modernCall('read'), 'files:read'],
      [modernCall('write'), 'files:read files:write'],
      [modernCall('erase'), 'files:write files:erase'],
      [asks('resources/read', { uri: 'file:///a' }), 'files:read'],
      [asks('resources/read', { uri: 'dir:///b' }), 'files:read'],
      [asks('prompts/get', { name: 'summary' }), 'files:read'],
      [completes({ type: 'ref/prompt', name: 'summary' }), 'files:read'],
      [completes({ type: 'ref/resource', uri: 'dir:///{name}' }), 'files:read'],
    ] as const) {
      const { status, error, challenge } = await say(door, 'guest', parts);
      const data = { requiredScopes: scope.split(' ') };
      expect({ status, challenge }).toEqual({ status: 403, challenge: lacks(scope) });
      expect(error).toMatchObject({ code: 403, data });
    }
    expect((await say(door, 'odd', modernCall('write'))).status).toBe(403);
    expect((await say(door, 'reader', modernCall('write'))).status).toBe(403);
    expect(runs).toBe(before);
    expect((await say(door, 'writer', modernCall('write'))).status).toBe(200);
    expect((await say(door, 'reader', modernCall('read'))).status).toBe(200);
    expect(runs).toBe(before + 2);
  });

  test('what has no scopes is for nobody', async () => {
    const door = await open(name);
    const before = runs;
    for (const parts of [
      modernCall('forgotten'),
      asks('resources/read', { uri: 'file:///none' }),
      asks('resources/read', { uri: 'raw:///a' }),
      asks('prompts/get', { name: 'draft' }),
      completes({ type: 'ref/prompt', name: 'draft' }),
      completes({ type: 'ref/resource', uri: 'raw:///{name}' }),
    ]) {
      const { error, challenge } = await say(door, 'writer', parts);
      expect({ code: error?.code, challenge }).toEqual({ code: -32602, challenge: undefined });
    }
    expect(runs).toBe(before);
  });

  test('a handler that asks too late is answered in its stream', async () => {
    const door = await open(name);
    const parts = modernCall('late', {}, { progressToken: 1 });
    const { status, error } = await say(door, 'reader', parts);
    expect({ status, code: error?.code }).toEqual({ status: 200, code: 403 });
    expect((await say(door, 'writer', parts)).result).toBeDefined();
  });

  test('sessions are told by status, too', async () => {
    const door = await open(name);
    const { heard } = await door.send(as('reader', initialize));
    const session = heard?.headers.get('mcp-session-id') ?? '';
    await door.send(as('reader', inSession({ method: 'notifications/initialized' }, session)));
    const list = inSession({ id: 1, method: 'tools/list' }, session);
    const { result } = await say(door, 'reader', list);
    const listed = (result?.['tools'] ?? []) as readonly { name: string }[];
    expect(listed.map((tool) => tool.name)).toEqual(['who', 'read', 'erase', 'late']);
    for (const tool of ['write', 'erase']) {
      const params = { name: tool, arguments: {} };
      const call = inSession({ id: 2, method: 'tools/call', params }, session);
      const { status, error, challenge } = await say(door, 'reader', call);
      expect({ status, code: error?.code }).toEqual({ status: 403, code: 403 });
      expect(challenge).toMatch(/^Bearer error="insufficient_scope", scope="files:/);
    }
  });

  test.each([
    ['guest', [], ['file:///nowhere', 'file:///a', 'file:///none', 'dir:///b', 'raw:///b']],
    ['reader', ['file:///a', 'dir:///b'], ['file:///nowhere', 'file:///none', 'raw:///b']],
  ])('a session of a %s watches only what it may read', async (who, readable, others) => {
    const door = await open(name);
    const { heard } = await door.send(as(who, initialize));
    const session = heard?.headers.get('mcp-session-id') ?? '';
    await door.send(as(who, inSession({ method: 'notifications/initialized' }, session)));
    const watch = async (uri: string): Promise<Said> => {
      const message = { id: 1, method: 'resources/subscribe', params: { uri } };
      return say(door, who, inSession(message, session));
    };
    for (const uri of readable) expect((await watch(uri)).result).toEqual({});
    for (const uri of others) {
      const { error, challenge } = await watch(uri);
      expect(error).toEqual({ code: -32002, message: 'Resource not found', data: { uri } });
      expect(challenge).toBeUndefined();
    }
  });

  test('where tokens come from is told to everybody, at both places', async () => {
    const door = await open(name);
    for (const end of ['', '/mcp']) {
      const target = `/.well-known/oauth-protected-resource${end}`;
      const { heard } = await door.send({ ...plainGet, target });
      expect(heard?.status).toBe(200);
      expect(JSON.parse(heard!.body)).toEqual({
        resource: 'https://mcp.example/mcp',
        authorization_servers: ['https://login.example'],
        scopes_supported: ['files:read'],
        bearer_methods_supported: ['header'],
      });
    }
    const { heard } = await door.send(modernCall('who'));
    expect(heard?.status).toBe(401);
    expect(challengeIn(heard)).toBe(`Bearer ${pointer}, scope="files:read"`);
  });
});

function completes(ref: object): Parts {
  return asks('completion/complete', { ref, argument: { name: 'name', value: '' } });
}

describe('the metadata', () => {
  test('is not where no issuer is named', async () => {
    const door = await open('listen', { ...setup, auth: { verify: auth.verify } });
    const target = '/.well-known/oauth-protected-resource';
    expect((await door.send({ ...plainGet, target })).heard?.status).toBe(404);
    const { heard } = await door.send(modernCall('who'));
    expect(challengeIn(heard)).toBe('Bearer');
  });

  test('is guarded like the rest, and readable by the pages that are listed', async () => {
    const page = 'https://app.example';
    const door = await open('listen', { ...setup, allowedOrigins: [page] });
    const target = '/.well-known/oauth-protected-resource/mcp';
    const ask = async (more: Partial<Parts>, headers: Parts['headers'] = {}) => {
      const parts = { ...plainGet, target, ...more };
      const { heard } = await door.send({ ...parts, headers: { ...parts.headers, ...headers } });
      return [heard?.status, heard?.headers.get('access-control-allow-origin')];
    };
    expect(await ask({}, { origin: page })).toEqual([200, page]);
    expect(await ask({})).toEqual([200, undefined]);
    expect(await ask({}, { origin: 'https://evil.example' })).toEqual([403, undefined]);
    expect(await ask({}, { host: 'evil.example' })).toEqual([403, undefined]);
    expect(await ask({ method: 'POST', body: {} })).toEqual([405, undefined]);
    expect(await ask({ target: `${target}?a` })).toEqual([404, undefined]);
    expect(await ask({ target: `${target}/` })).toEqual([404, undefined]);
    const question = { 'access-control-request-method': 'GET', origin: page };
    expect(await ask({ method: 'OPTIONS' }, question)).toEqual([204, page]);
  });

  test('without a public URL it names the own address that was asked, and no other', async () => {
    const { publicUrl: _, ...local } = setup;
    const door = await open('listen', local);
    const target = '/.well-known/oauth-protected-resource';
    for (const host of ['127.0.0.1', 'localhost', '[::1]']) {
      const at = `${host}:${door.port}`;
      const { heard } = await door.send({ ...plainGet, target, headers: { host: at } });
      expect(JSON.parse(heard!.body)).toMatchObject({ resource: `http://${at}/mcp` });
    }
    for (const host of ['127.0.0.1:1', 'localhost', '[::1]:1']) {
      const other = { headers: { host } };
      expect((await door.send({ ...plainGet, target, ...other })).heard?.status).toBe(404);
      const parts = modernCall('who');
      const call = { ...parts, headers: { ...parts.headers, host } };
      const { status, challenge } = await say(door, 'reader', call);
      expect([status, challenge]).toEqual([401, expect.not.stringContaining('resource_metadata')]);
    }
  });
});
