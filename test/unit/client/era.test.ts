import { expect, test } from 'vitest';
import { connect } from '../../../src/connect.js';
import { mutualVersion } from '../../../src/eras/probe.js';
import { defaultLimits } from '../../../src/limits.js';
import { manualPlatform } from '../../../src/testing/clock.js';
import { cites } from '../../requirements.js';
import { discovered, failureOf, scripted, type Scripted, welcome } from './scripted.js';

const { probeMs } = defaultLimits;
const modern = '2026-07-28';
const legacy = '2025-11-25';

/** Connects to a server that lets the time for the probe pass, up to its being initialized. */
async function afterSilence(server: Scripted) {
  const platform = manualPlatform();
  const connecting = connect(server.pipe, { platform });
  await platform.clock.armed((ms) => ms === probeMs);
  await platform.clock.advance(probeMs);
  const [probe, initialize] = [
    await server.until('server/discover'),
    await server.until('initialize'),
  ];
  return { connecting, probe, initialize, clock: platform.clock };
}

test('a server that never answers the probe is an old one', async () => {
  const server = scripted();
  const { connecting, initialize, clock } = await afterSilence(server);
  expect(server.methods()).toEqual(['server/discover', 'initialize']);
  server.result(initialize, welcome);
  await using client = await connecting;
  expect(client.protocolVersion).toBe(legacy);
  // Only now is it told that nobody waits for the other answer: not before it is initialized.
  await server.until('notifications/cancelled');
  expect(server.methods().slice(1)).toEqual([
    'initialize',
    'notifications/initialized',
    'notifications/cancelled',
  ]);
  expect(clock.waiting).toBe(0);
});

test('an answer to the probe that comes late, but first, wins', async () => {
  const server = scripted((asked, { result }) => {
    if (asked.method === 'tools/list') result(asked, { ...discovered, tools: [] });
  });
  const { connecting, probe, initialize, clock } = await afterSilence(server);
  server.result(probe, discovered);
  server.result(initialize, welcome);
  await using client = await connecting;
  expect(client.protocolVersion).toBe(modern);
  expect(await client.listTools()).toEqual([]);
  expect(server.methods()).not.toContain('notifications/cancelled');
  await clock.advance(0);
  expect(clock.waiting).toBe(0);
});

test('an answer to the probe that comes after the session is open changes nothing', async () => {
  const server = scripted((asked, { result }) => {
    if (asked.method === 'tools/list') result(asked, { tools: [] });
  });
  const { connecting, probe, initialize } = await afterSilence(server);
  server.result(initialize, welcome);
  await using client = await connecting;
  server.result(probe, discovered);
  expect(await client.listTools()).toEqual([]);
  expect(client.protocolVersion).toBe(legacy);
  expect(server.seen.at(-1)?.params?.['_meta']).toBeUndefined();
});

test('a slow server that opens no sessions is waited for', async () => {
  const server = scripted();
  const { connecting, probe, initialize, clock } = await afterSilence(server);
  server.error(initialize, -32601);
  await clock.armed((ms) => ms === probeMs);
  server.result(probe, discovered);
  await using client = await connecting;
  expect(client.protocolVersion).toBe(modern);
  expect(clock.waiting).toBe(0);
});

test('a server that opens no session and stays silent is given up, and its word is kept', async () => {
  const server = scripted();
  const { connecting, initialize, clock } = await afterSilence(server);
  const failed = failureOf(connecting);
  server.error(initialize, -32000, 'Not configured');
  await clock.armed((ms) => ms === probeMs);
  await clock.advance(probeMs);
  expect(await failed).toMatchObject({ code: -32000, message: 'Not configured' });
  expect(clock.waiting).toBe(0);
});

test('a late answer that is no sound answer does not win', async () => {
  const server = scripted();
  const { connecting, probe, initialize } = await afterSilence(server);
  server.result(probe, { supportedVersions: [modern], capabilities: 'none' });
  server.result(initialize, welcome);
  await using client = await connecting;
  expect(client.protocolVersion).toBe(legacy);
});

test('a pipe that ends with the probe leaves no way to ask again', async () => {
  const server = scripted((asked, { close }) => {
    if (asked.method === 'server/discover') void close();
  });
  await expect(connect(server.pipe, { platform: manualPlatform() })).rejects.toMatchObject({
    kind: 'outcomeUnknown',
  });
  expect(server.methods()).toEqual(['server/discover']);
});

cites('version/picks-mutual');
test('a server that refuses the version is asked again in one that it names', async () => {
  const versions: unknown[] = [];
  const server = scripted((asked, { result, refuse }) => {
    const meta = asked.params?.['_meta'] as { readonly [key: string]: unknown };
    versions.push(meta['io.modelcontextprotocol/protocolVersion']);
    if (asked.method === 'tools/list') result(asked, { ...discovered, tools: [] });
    else if (versions.length > 1) result(asked, discovered);
    else refuse(asked, { supported: ['2099-01-01', modern], requested: modern });
  });
  await using client = await connect(server.pipe, { platform: manualPlatform() });
  await client.listTools();
  expect(versions).toEqual([modern, modern, modern]);
  expect(client.protocolVersion).toBe(modern);
});

cites('version/picks-mutual');
test('the newest version that both know is spoken', () => {
  const known = ['2030-01-01', '2028-01-01', '2026-07-28'];
  expect(mutualVersion(['2026-07-28', '2028-01-01'], known)).toBe('2028-01-01');
  expect(mutualVersion(['2031-01-01'], known)).toBeUndefined();
  expect(mutualVersion([], known)).toBeUndefined();
  expect(mutualVersion([null, 7, '2026-07-28'])).toBe('2026-07-28');
});

test.each([
  { what: 'result', supported: [legacy] },
  { what: 'refusal', supported: ['2099-01-01', legacy] },
])('an old version named in a $what is leave to open a session', async ({ what, supported }) => {
  const server = scripted((asked, { result, refuse }) => {
    if (asked.method === 'initialize') result(asked, welcome);
    else if (asked.method !== 'server/discover') return;
    else if (what === 'result') result(asked, { ...discovered, supportedVersions: supported });
    else refuse(asked, { supported, requested: modern });
  });
  await using client = await connect(server.pipe, { platform: manualPlatform() });
  expect(client.protocolVersion).toBe(legacy);
});

test('a server of none of our versions is refused by their names', async () => {
  const server = scripted((asked, { result }) =>
    result(asked, { ...discovered, supportedVersions: ['2099-01-01'] }),
  );
  await expect(connect(server.pipe, { platform: manualPlatform() })).rejects.toMatchObject({
    kind: 'unsupportedVersion',
    message: expect.stringContaining('2099-01-01'),
  });
  expect(server.methods()).toEqual(['server/discover']);
});

test('who insists on the stateless era does not take silence for an answer', async () => {
  const server = scripted();
  const platform = manualPlatform();
  const failed = failureOf(connect(server.pipe, { platform, era: 'modern' }));
  await platform.clock.armed((ms) => ms === probeMs);
  await platform.clock.advance(probeMs);
  expect(await failed).toMatchObject({ kind: 'timeout' });
  expect(server.methods()).not.toContain('initialize');
});

test('who gives up while the server is silent opens no session', async () => {
  const silent = scripted();
  const giveUp = new AbortController();
  const failed = failureOf(
    connect(silent.pipe, { platform: manualPlatform(), signal: giveUp.signal }),
  );
  await silent.until('server/discover');
  giveUp.abort();
  expect(await failed).toMatchObject({ kind: 'cancelled' });
  expect(silent.methods()).not.toContain('initialize');
});
