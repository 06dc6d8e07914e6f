import { createServer, type Server } from '../../src/index.js';
import type { Platform } from '../../src/platform/platform.js';

/** The server of all tapes. Nothing that it says depends on time or chance. */
export function createTapeServer(platform: Platform): Server {
  const server = createServer({ name: 'tape', version: '1.0.0', platform });

  server.tool(
    'count',
    {
      description: 'Counts to a number',
      input: { type: 'object', properties: { to: { type: 'integer' } }, required: ['to'] },
    },
    async (args, call) => {
      const to = Number(args['to']);
      for (let n = 1; n <= to; n++) await call.progress(n, { of: to });
      await call.log('info', 'counted');
      return `counted to ${to}`;
    },
  );
  server.tool('wait', { description: 'Waits until it is cancelled' }, async (_args, call) => {
    await call.progress(1);
    await new Promise((resolve) => call.signal.addEventListener('abort', resolve));
    await call.progress(2);
    return 'never heard';
  });
  server.tool('greet', { description: 'Asks for a name and greets' }, async (_args, call) => {
    const { name } = await call.ask.form('who', 'What is your name?', nameSchema);
    return `Hello, ${String(name)}!`;
  });
  server.tool('touch', { description: 'Changes the note' }, () => {
    server.resourceUpdated('note://today');
    return 'touched';
  });
  server.tool('grow', { description: 'Adds a tool' }, () => {
    server.tool('grown', {}, () => 'tall');
    return 'grown';
  });
  server.resource('note://today', { name: 'Today' }, () => 'Nothing yet');
  return server;
}

const nameSchema = {
  type: 'object',
  properties: { name: { type: 'string' } },
  required: ['name'],
};
