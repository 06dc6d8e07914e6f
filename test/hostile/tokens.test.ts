/** Forged tokens: none comes in, and each has a twin that does. */
import { describe, expect, test } from 'vitest';
import { jwt } from '../../src/auth/index.js';
import { createServer } from '../../src/server/index.js';
import { manualPlatform } from '../../src/testing/index.js';
import { createEndpoint, fetchHandler } from '../../src/transports/http/index.js';
import { cites } from '../requirements.js';
import { modernCall } from './attack.js';
import { headerLines } from './bytes.js';
import { type Door, openDoor } from './doors.js';
import { issuer, make, nowSeconds, published, resource } from './tokens/forge.js';
import { naiveVerify } from './tokens/naive-verifier.js';
import { forged } from './tokens/rows.js';
import { attacks } from './advisories.js';
import { createVictim } from './victim.js';

const platform = manualPlatform({ startMs: nowSeconds * 1000 });
const server = createServer({ name: 'files', version: '1.0.0', platform });
let runs = 0;
server.tool('look', { scopes: ['files:read'] }, () => `run ${++runs}`);
const jwksUri = `${issuer}/keys`;
const fetched: string[] = [];
const endpoint = createEndpoint(server, {
  platform,
  publicUrl: resource,
  // A forger may try more often than this here.
  limits: { failedLoginsPerMinuteMax: Infinity, requestBurstMax: Infinity },
  auth: jwt({
    issuer,
    jwksUri,
    fetch: (url) => {
      fetched.push(url);
      return Promise.resolve(Response.json(published));
    },
  }),
});
const handle = fetchHandler(endpoint, { clientAddress: 'unknown' });

async function call(token: string): Promise<Response> {
  const { method, headers, body } = modernCall('look');
  const all = { ...headers, host: 'mcp.example', authorization: `Bearer ${token}` };
  const lines = headerLines(all, { port: 80 });
  const init = { method, headers: lines, body: JSON.stringify(body) };
  return handle(new Request(resource, init));
}

describe('a forged token', () => {
  attacks('S');
  cites('auth/audience');
  test.each(forged)('$name', async ({ token, twin }) => {
    const before = runs;
    const { status, headers } = await call(token);
    const challenge = headers.get('www-authenticate');
    expect({ status, challenge, runs: runs - before }).toEqual({
      status: 401,
      challenge: expect.stringMatching(/^Bearer error="invalid_token", resource_metadata=/),
      runs: 0,
    });
    const answer = await call(twin);
    expect({ status: answer.status, runs: runs - before }).toEqual({ status: 200, runs: 1 });
  });

  test('there are many, and a naive verifier takes a third of them', () => {
    const taken = forged.filter(({ token }) => {
      try {
        return naiveVerify(token) !== '';
      } catch {
        return false;
      }
    });
    console.log(`${forged.length} forged tokens; the naive verifier takes ${taken.length}`);
    expect(forged.length).toBeGreaterThan(60);
    expect(taken.length).toBeGreaterThan(forged.length / 3);
    expect(new Set(forged.map(({ name }) => name)).size).toBe(forged.length);
  });

  test('has nobody ask anywhere but for the keys of the issuer, nor often', () => {
    expect(new Set(fetched)).toEqual(new Set([jwksUri]));
    expect(fetched.length).toBe(1);
  });
});

async function statusOf(door: Door, host: string, token: string): Promise<number | undefined> {
  const look = modernCall('look');
  const own = { host, connection: 'close', authorization: `Bearer ${token}` };
  const { heard } = await door.send({ ...look, headers: { ...look.headers, ...own } });
  return heard?.status;
}

describe('a token for another server on this machine', () => {
  attacks('S');
  const auth = jwt({ issuer, jwksUri, fetch: () => Promise.resolve(Response.json(published)) });

  test.each([
    ['127.0.0.1:9999', 'http://127.0.0.1:9999/mcp'],
    ['localhost', 'http://localhost/mcp'],
    ['[::1]:1', 'http://[::1]:1/mcp'],
  ])('is not let in by Host: %s', async (host, aud) => {
    const door = await openDoor(
      'listen',
      { auth, platform },
      { ...createVictim(), served: server },
    );
    const status = async (at: string, audience: string): Promise<number | undefined> => {
      const token = make({ claims: { aud: audience } });
      return statusOf(door, at, token);
    };
    const before = runs;
    const own = `localhost:${door.port}`;
    expect(await status(host, aud)).toBe(401);
    expect(await status(own, aud)).toBe(401);
    expect(runs).toBe(before);
    expect(await status(own, `http://${own}/mcp`)).toBe(200);
    expect(runs).toBe(before + 1);
    await door.close();
  });

  test('an endpoint that does not know its own address does not begin', () => {
    expect(() => createEndpoint(server, { auth })).toThrow(/auth: .* give the publicUrl/);
  });

  test('names that were given count at one port each', async () => {
    const options = { auth, platform, allowedHosts: ['mcp.example', 'other.example:8443'] };
    const door = await openDoor('listen', options, { ...createVictim(), served: server });
    const status = async (host: string): Promise<number | undefined> => {
      const token = make({ claims: { aud: `http://${host}/mcp` } });
      return statusOf(door, host, token);
    };
    expect(await status(`mcp.example:${door.port}`)).toBe(200);
    expect(await status('other.example:8443')).toBe(200);
    expect(await status('mcp.example')).toBe(401);
    expect(await status('mcp.example:9999')).toBe(401);
    await door.close();
  });
});

test.each(['RS256', 'PS256', 'ES256', 'EdDSA'])('%s is taken', async (alg) => {
  expect((await call(make({ alg }))).status).toBe(200);
});
