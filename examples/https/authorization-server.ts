/**
 * An authorization server to try things with: `oidc-provider` behind https, where whoever comes
 * may log in by any name. A real one asks for more.
 *
 *   node --import tsx examples/https/authorization-server.ts [FOLDER] [PORT]
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import Provider from 'oidc-provider';

const [folder = '.', port = '8444'] = process.argv.slice(2);
const server = createServer({
  cert: readFileSync(join(folder, 'server.crt')),
  key: readFileSync(join(folder, 'server.key')),
});
server.listen(Number(port), '127.0.0.1');
await once(server, 'listening');
const issuer = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;

const provider = new Provider(issuer, {
  scopes: ['openid', 'offline_access', 'documents:read'],
  clientAuthMethods: ['none'],
  // Whoever shows a used refresh token loses the whole grant.
  rotateRefreshToken: true,
  issueRefreshToken: () => true,
  features: {
    devInteractions: { enabled: true },
    registration: { enabled: true },
    revocation: { enabled: true },
    // A token is for the MCP server that it was asked for (RFC 8707), which can read it by itself.
    resourceIndicators: {
      enabled: true,
      useGrantedResource: () => true,
      getResourceServerInfo: (_context: unknown, resource: string) => ({
        audience: resource,
        scope: 'documents:read',
        accessTokenFormat: 'jwt',
        accessTokenTTL: 600,
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
});
server.on('request', provider.callback());
console.log(`Tokens come from ${issuer}`);
