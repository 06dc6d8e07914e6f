/** What belongs to one principal is nobody else's, by whatever door they come. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createServer, type Server, tasks } from '../../src/server/index.js';
import { letIn } from '../let-in.js';
import { initialize, inSession, modern, modernCall, type Parts } from './attack.js';
import { type Door, doorNames, openDoor } from './doors.js';
import { createVictim } from './victim.js';

const capabilities = {
  'io.modelcontextprotocol/clientCapabilities': {
    elicitation: { form: {} },
    extensions: { 'io.modelcontextprotocol/tasks': {} },
  },
};

describe.each(doorNames)('by %s', (name) => {
  let door: Door;
  let server: Server;
  let letGo: () => void;

  beforeEach(async () => {
    server = createServer({ name: 's', version: '1', scopes: [], extensions: [tasks()] });
    server.tool('ask', {}, async (_args, call) => {
      const { value } = await call.ask.form('name', 'Name?', {
        type: 'object',
        properties: { value: { type: 'string' } },
      });
      return `${call.peer.principal.id} is ${String(value)}`;
    });
    server.tool('work', { task: 'optional' }, async () => {
      await new Promise<void>((resolve) => (letGo = resolve));
      return 'worked';
    });
    const victim = { ...createVictim(), served: server };
    door = await openDoor(name, { auth: letIn((token) => token) }, victim);
  });
  afterEach(async () => {
    letGo?.();
    await door.close();
    server.close();
  });

  async function say(who: string, parts: Parts): Promise<Said> {
    const headers = { ...parts.headers, authorization: `Bearer ${who}` };
    const { heard } = await door.send({ ...parts, headers });
    const text = heard?.body ?? '';
    const last = text.startsWith('{') ? text : text.slice(text.lastIndexOf('data: {') + 6);
    return { ...(JSON.parse(last) as Said), status: heard?.status };
  }

  interface Said {
    readonly status: number | undefined;
    readonly result?: { readonly [member: string]: unknown };
    readonly error?: { readonly code: number };
  }

  const asks = (method: string, params: object, named: string | null = null): Parts => ({
    ...modernCall('x'),
    headers: { ...modernCall('x').headers, 'mcp-method': method, 'mcp-name': named },
    body: modern(method, params, capabilities),
  });

  test('the state of a call', async () => {
    const call = (more: object): Parts =>
      asks('tools/call', { name: 'ask', arguments: {}, ...more }, 'ask');
    const { result } = await say('ann', call({}));
    const requestState = result?.['requestState'];
    expect(requestState).toBeTypeOf('string');
    const answer = { action: 'accept', content: { value: 'Ann' } };
    const next = call({ requestState, inputResponses: { name: answer } });
    expect((await say('eve', next)).error?.code).toBe(-32602);
    const content = [{ type: 'text', text: 'ann is Ann' }];
    expect((await say('ann', next)).result).toMatchObject({ content });
  });

  test('a task', async () => {
    const { result } = await say(
      'ann',
      asks('tools/call', { name: 'work', arguments: {} }, 'work'),
    );
    const taskId = result?.['taskId'] as string;
    expect(taskId).toBeTypeOf('string');
    for (const method of ['tasks/get', 'tasks/update', 'tasks/cancel']) {
      const more = method === 'tasks/update' ? { inputResponses: {} } : {};
      const look = asks(method, { taskId, ...more }, taskId);
      expect((await say('eve', look)).error?.code, method).toBe(-32602);
    }
    const look = asks('tasks/get', { taskId }, taskId);
    expect((await say('ann', look)).result).toMatchObject({ status: 'working' });
  });

  test('a task of a session', async () => {
    const sessionOf = async (who: string): Promise<string> => {
      const headers = { ...initialize.headers, authorization: `Bearer ${who}` };
      const { heard } = await door.send({ ...initialize, headers });
      return heard?.headers.get('mcp-session-id') ?? '';
    };
    const [anns, eves] = [await sessionOf('ann'), await sessionOf('eve')];
    const params = { name: 'work', arguments: {}, task: {} };
    const made = await say('ann', inSession({ id: 1, method: 'tools/call', params }, anns));
    const { taskId } = (made.result?.['task'] ?? {}) as { readonly taskId?: string };
    for (const method of ['tasks/get', 'tasks/result', 'tasks/cancel']) {
      const look = inSession({ id: 2, method, params: { taskId } }, eves);
      expect((await say('eve', look)).error?.code, method).toBe(-32602);
      expect(
        (await say('eve', inSession({ id: 2, method, params: { taskId } }, anns))).status,
      ).toBe(404);
    }
    const list = { id: 3, method: 'tasks/list', params: {} };
    expect((await say('eve', inSession(list, eves))).result).toMatchObject({ tasks: [] });
    expect((await say('ann', inSession(list, anns))).result).toMatchObject({ tasks: [{ taskId }] });
  });
});
