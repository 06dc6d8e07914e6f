/** Who is calling: verified once per request, and the only thing a handler may trust. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer, McpError, text } from 'sallyport';
import type { Verified, Verify } from 'sallyport/http';
import { run } from './run.js';

const server = createServer({ name: 'mail', version: '1.0.0' });

// #region server
server.tool('inbox', { description: 'Your mail.', scopes: ['mail:read'] }, (_args, call) => {
  return `3 letters for ${call.peer.principal.id}`;
});
// #endregion

// #region verify
// Keys are kept as digests: whoever reads the list cannot call with it.
const digest = (key: string): string => createHash('sha256').update(key).digest('hex');
const people = new Map([
  [digest('key-of-ann'), { id: 'ann', scopes: ['mail:read'] }],
  [digest('key-of-ben'), { id: 'ben', scopes: [] }],
]);

/** For `listen(server, { auth: { verify } })`: who it is, for whom the token is, until when. */
const verify: Verify = (token, { resource, now }): Verified => {
  const who = people.get(digest(token));
  if (who === undefined) throw new McpError('unauthorized', 'Who are you?');
  return { ...who, audience: resource, expiresAt: now + 60 * 60 * 1000 };
};
// #endregion

await run({
  url: import.meta.url,
  server,
  http: { auth: { verify } },
  async check(connect, { over }) {
    const inboxWith = async (key: string) => {
      const client = await connect({ headers: { authorization: `Bearer ${key}` } });
      return (await client.callTool('inbox')).content;
    };
    if (over !== 'http') {
      // Whoever started the process is its only peer; there is nobody to tell apart.
      assert.deepEqual(await inboxWith('none'), [text(`3 letters for ${over}`)]);
      return 'a pipe has one peer, named after it, who may do everything';
    }
    assert.deepEqual(await inboxWith('key-of-ann'), [text('3 letters for ann')]);
    await assert.rejects(inboxWith('key-of-ben'), { code: 403 });
    await assert.rejects(connect(), { kind: 'unauthorized' });
    return 'each caller was known by its key, and a stranger got nowhere';
  },
});
