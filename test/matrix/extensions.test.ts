import { expect, test } from 'vitest';
import { apps, connect, createServer, McpError, text, withApps } from '../../src/index.js';
import { appToolMeta, type ClientExtension, extensionMethod } from '../../src/client/index.js';
import { appMeta, type Extension } from '../../src/server/index.js';
import { cites } from '../requirements.js';
import { matrix } from './matrix.js';

const id = 'com.example/weather';
const row = extensionMethod({ method: 'weather/now', inSessions: true, nameParam: 'name' });
const weather: Extension = {
  id,
  settings: { places: 2 },
  methods: [{ row, handle: ({ params }) => ({ place: params?.['name'], sun: true }) }],
};
const withWeather: ClientExtension = { id, settings: { units: 'metric' }, methods: [row] };
const offering = { server: { extensions: [weather] } } as const;
const newer = { transports: ['memory', 'stdio', 'http', 'fetch', 'web'] } as const;

cites('extensions/declared');
matrix(
  'an extension is there for those who declare it',
  { ...newer, ...offering },
  async (stage) => {
    const client = await stage.connect({ extensions: [withWeather] });
    expect(client.server.capabilities.extensions).toEqual({ [id]: { places: 2 } });
    expect(await client.request('weather/now', { name: 'Rome' })).toMatchObject({
      place: 'Rome',
      sun: true,
    });
  },
);

matrix(
  'its name is in the headers',
  { transports: ['http'], eras: ['modern'], ...offering },
  async (stage) => {
    const client = await stage.connect({
      extensions: [{ ...withWeather, methods: [extensionMethod({ method: 'weather/now' })] }],
    });
    await expect(client.request('weather/now', { name: 'Rome' })).rejects.toMatchObject({
      code: -32020,
    });
  },
);

cites('extensions/one-sided');
matrix('without a declaration it is refused', { ...newer, ...offering }, async (stage) => {
  const client = await stage.connect({ extensions: [{ id: 'com.example/other', methods: [row] }] });
  const failure = await client.request('weather/now', { name: 'Rome' }).catch((e: unknown) => e);
  expect(failure).toBeInstanceOf(McpError);
  const requiredCapabilities = { extensions: { [id]: {} } };
  expect((failure as McpError).data).toEqual({ requiredCapabilities });
  if (stage.era === 'modern') expect((failure as McpError).code).toBe(-32021);
});

cites('extensions/opt-in');
matrix('a server without it has no such method', newer, async ({ connect }) => {
  const client = await connect({ extensions: [withWeather] });
  expect(client.server.capabilities.extensions).toBeUndefined();
  await expect(client.request('weather/now', { name: 'Rome' })).rejects.toMatchObject({
    code: -32601,
  });
});

const asksFirst: ClientExtension = {
  ...withWeather,
  open: () => (next) => async (request, io) => {
    const result = await next(request, io);
    return result['sun'] === true ? { ...result, mood: 'good' } : result;
  },
};

matrix('a client may make more of its results', { ...newer, ...offering }, async ({ connect }) => {
  const client = await connect({ extensions: [asksFirst] });
  expect(await client.request('weather/now', { name: 'Rome' })).toMatchObject({ mood: 'good' });
});

cites('apps/hidden-tools');
matrix(
  'tools that only an interface calls are hidden from those who show none',
  { ...newer, server: { extensions: [apps()] } },
  async ({ server, connect }) => {
    const resourceUri = 'ui://clock/face.html';
    server.tool('time', { meta: appMeta({ resourceUri }) }, () => 'noon');
    server.tool('tick', { meta: appMeta({ resourceUri, visibility: ['app'] }) }, () => 'tock');
    const plain = await connect();
    expect((await plain.listTools()).map(({ name }) => name)).toEqual(['time']);
    await expect(plain.callTool('tick')).rejects.toMatchObject({ code: -32602 });
    const showing = await connect({ extensions: [withApps()] });
    const listed = await showing.listTools();
    expect(listed.map((tool) => appToolMeta(tool)?.resourceUri)).toEqual([
      resourceUri,
      resourceUri,
    ]);
    expect((await showing.callTool('tick')).content).toEqual([text('tock')]);
    server.tool('later', { meta: appMeta({ visibility: ['app'] }) }, () => '');
    expect(await showing.listTools()).toHaveLength(3);
    expect(await plain.listTools()).toHaveLength(1);
  },
);

cites('extensions/ids');
test.each(['weather', '/weather', 'com.example/', 'com example/x', ''])(
  '%j names no extension',
  async (wrong) => {
    const make = (...ids: string[]) =>
      createServer({ name: 'a', version: '1', extensions: ids.map((one) => ({ id: one })) });
    expect(() => make(wrong)).toThrow('cannot name an extension');
    expect(() => make(id, id)).toThrow('twice');
    await expect(connect(make(), { extensions: [{ id: wrong }] })).rejects.toThrow(
      'cannot name an extension',
    );
  },
);
