/** What both official SDKs do alike: how tools are registered, and sessions kept. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { messageBytes, said, work } from './arguments.mjs';
import { heavyZodTools } from './heavy-tools.mjs';

const echo = z.object({ text: z.string() });
const steps = z.object({ steps: z.int() });
// Made once: only what the SDK itself asks to be done for each server object is done for each.
const heavy = [...heavyZodTools(z)];

/** How a transport over stdio is told of the bound of one message. */
export const stdioOptions = messageBytes === undefined ? {} : { maxBufferSize: messageBytes };

/** `notify` sends a notification from the second argument that the SDK gives to a handler. */
export function registerTools(server, { tokenOf, notify }) {
  server.registerTool('echo', { description: 'Says it again', inputSchema: echo }, ({ text }) =>
    said(text),
  );
  server.registerTool('work', { description: 'Works', inputSchema: steps }, async (args, extra) => {
    const progressToken = tokenOf(extra);
    const method = 'notifications/progress';
    const send = (progress) => notify(extra, { method, params: { progressToken, progress } });
    return said(await work(args.steps, send));
  });
  for (const { name, description, schema } of heavy) {
    server.registerTool(name, { description, inputSchema: schema }, () => said(name));
  }
  return server;
}

/** Gives the transport of a session; one that nobody has opened yet gets a server object of its own. */
export function keepSessions(createServer, Transport) {
  const sessions = new Map();
  const open = async () => {
    const transport = new Transport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (id) => void sessions.set(id, transport),
    });
    await createServer().connect(transport);
    return transport;
  };
  return async ({ headers }) => sessions.get(headers['mcp-session-id']) ?? (await open());
}
