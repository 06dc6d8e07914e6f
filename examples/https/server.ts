/**
 * A server with https of its own, which lets in whoever an authorization server vouches for:
 *
 *   node --import tsx examples/https/server.ts [FOLDER] [PORT] [ISSUER]
 *
 * The folder holds server.crt and server.key.
 */
import { join } from 'node:path';
import { createServer } from 'sallyport';
import { jwt } from 'sallyport/auth';
import { listen } from 'sallyport/http';
import { z } from 'zod';

const [folder = '.', port = '8443', issuer = 'https://127.0.0.1:8444'] = process.argv.slice(2);

// #region server
const server = createServer({ name: 'documents', version: '1.0.0' });
const input = z.object({ documents: z.array(z.string()) });

server.tool('read', { input, scopes: ['documents:read'] }, async ({ documents }, call) => {
  for (const [n, document] of documents.entries()) {
    await call.progress(n + 1, { of: documents.length, message: document });
  }
  return `Read ${documents.join(' and ')}`;
});

const listening = await listen(server, {
  port: Number(port),
  tls: { certFile: join(folder, 'server.crt'), keyFile: join(folder, 'server.key') },
  auth: jwt({
    issuer,
    scopes: ['documents:read'],
    // Only for this example: an issuer on the same machine is refused otherwise.
    allowedNetworks: ['127.0.0.1'],
  }),
});
// #endregion
console.log(`Documents are at ${listening.url}`);
