/** A server of ours that lets in whoever a given authorization server vouches for. */
import { jwt } from '../../../src/auth/index.js';
import { listen, type Listening } from '../../../src/transports/http/index.js';
import { createServer } from '../../../src/server/index.js';

export async function startGreeter(issuer: string): Promise<Listening & AsyncDisposable> {
  const server = createServer({ name: 'greeter', version: '1.0.0' });
  server.tool('greet', { scopes: ['greet'] }, () => 'hello');
  server.tool('shout', { scopes: ['shout'] }, () => 'HELLO');
  const auth = jwt({
    issuer,
    allowLoopbackHttp: true,
    scopes: ['greet'],
    limits: { tokenSkewMs: 0 },
  });
  const listening = await listen(server, {
    port: 0,
    auth,
    // Many who fail at once are what some tests are about.
    limits: { failedLoginsPerMinuteMax: 1000 },
  });
  return { ...listening, [Symbol.asyncDispose]: () => listening.close() };
}
