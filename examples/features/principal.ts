/** Who is calling: verified once per request, and the only thing a handler may trust. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createServer, McpError, text, ToolError } from 'sallyport';
import type { Credentials } from 'sallyport/http';
import { run } from './run.js';

const server = createServer({ name: 'mail', version: '1.0.0' });

// #region server
server.tool('inbox', { description: 'Your mail.' }, (_args, call) => {
  const { id, scopes = [] } = call.peer.principal;
  if (!scopes.includes('mail:read')) throw new ToolError(`${id} may not read mail`);
  return `3 letters for ${id}`;
});
// #endregion

// #region verify
// Keys are kept as digests: whoever reads the list cannot call with it.
const digest = (key: string): string => createHash('sha256').update(key).digest('hex');
const people = new Map([
  [digest('Bearer key-of-ann'), { id: 'ann', scopes: ['mail:read'] }],
  [digest('Bearer key-of-ben'), { id: 'ben', scopes: [] }],
]);

/** Given to `listen`. Sessions and sealed state belong to the principal that it returns. */
function verify({ authorization = '' }: Credentials): { id: string; scopes: string[] } {
  const who = people.get(digest(authorization));
  if (who === undefined) throw new McpError('unauthorized', 'Who are you?');
  return who;
}
// #endregion

await run({
  url: import.meta.url,
  server,
  http: { verify },
  async check(connect, { over }) {
    const inboxWith = async (key: string) => {
      const client = await connect({ headers: { authorization: `Bearer ${key}` } });
      return (await client.callTool('inbox')).content;
    };
    if (over !== 'http') {
      // Whoever started the process is its only peer; there is nobody to tell apart.
      assert.deepEqual(await inboxWith('none'), [text(`${over} may not read mail`)]);
      return 'a pipe has one peer, named after it';
    }
    assert.deepEqual(await inboxWith('key-of-ann'), [text('3 letters for ann')]);
    assert.deepEqual(await inboxWith('key-of-ben'), [text('ben may not read mail')]);
    await assert.rejects(connect(), { kind: 'unauthorized' });
    return 'each caller was known by its key, and a stranger got nowhere';
  },
});
