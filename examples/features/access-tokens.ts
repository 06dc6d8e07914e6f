/** Access tokens: an authorization server signs them, and each tool says what it needs. */
import assert from 'node:assert/strict';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createServer, text } from 'sallyport';
import { jwt } from 'sallyport/auth';
import type { ListenOptions } from 'sallyport/http';
import * as z from 'zod';
import { run } from './run.js';

const server = createServer({ name: 'files', version: '1.0.0' });

// #region scopes
// Everybody who has a token for this server at all.
server.tool('about', { scopes: [] }, () => 'Files of the house');

server.tool('read', { scopes: ['files:read'] }, () => 'once upon a time');

// What some arguments need is asked for before anything is done.
server.tool(
  'write',
  { scopes: ['files:read'], input: z.object({ isDraft: z.boolean() }) },
  ({ isDraft }, call) => {
    if (!isDraft) call.requireScopes('files:read', 'files:write');
    return 'written';
  },
);
// #endregion

/** Stands in for an authorization server: it signs, and shows the key to check with. */
const { publicKey, privateKey } = await generateKeyPair('ES256');
const login = createHttpServer((_request, response) => {
  void exportJWK(publicKey).then((key) => response.end(JSON.stringify({ keys: [key] })));
});
await new Promise<void>((resolve) => login.listen(0, '127.0.0.1', resolve));
login.unref();
const issuer = `http://127.0.0.1:${(login.address() as AddressInfo).port}`;

// #region auth
const publicUrl = 'https://mcp.example/mcp';
const http: ListenOptions = {
  publicUrl,
  auth: jwt({
    issuer,
    scopes: ['files:read'],
    // Only for this example: its keys are on this machine, without TLS and without metadata.
    jwksUri: `${issuer}/keys`,
    allowLoopbackHttp: true,
  }),
};
// #endregion

function tokenOf(name: string, scope: string, audience: string = publicUrl): Promise<string> {
  return new SignJWT({ scope })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt' })
    .setIssuer(issuer)
    .setSubject(name)
    .setAudience(audience)
    .setIssuedAt()
    .setExpirationTime('5 minutes')
    .sign(privateKey);
}

await run({
  url: import.meta.url,
  server,
  http,
  async check(connect, { over }) {
    const as = async (token: string) => connect({ headers: { authorization: `Bearer ${token}` } });
    if (over !== 'http') {
      const client = await connect();
      assert.deepEqual((await client.callTool('write', { isDraft: false })).content, [
        text('written'),
      ]);
      return 'who starts a process may use all of it';
    }
    const ann = await as(await tokenOf('ann', 'files:read'));
    assert.deepEqual(
      (await ann.listTools()).map(({ name }) => name),
      ['about', 'read', 'write'],
    );
    assert.deepEqual((await ann.callTool('read')).content, [text('once upon a time')]);
    await ann.callTool('write', { isDraft: true });
    await assert.rejects(ann.callTool('write', { isDraft: false }), { code: 403 });
    const guest = await as(await tokenOf('ben', ''));
    assert.deepEqual(
      (await guest.listTools()).map(({ name }) => name),
      ['about'],
    );
    await assert.rejects(as(await tokenOf('ann', 'files:read', 'https://other.example/mcp')), {
      kind: 'unauthorized',
    });
    return 'a token opens what its scopes say, on the server that it was made for';
  },
});
