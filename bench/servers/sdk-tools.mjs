/** The tools in the words of both official SDKs, whose servers register them alike. */
import { z } from 'zod';
import { heavyTools, said, work } from './arguments.mjs';
import { heavyZodTool } from './heavy-tools.mjs';

const echo = z.object({ text: z.string() });
const steps = z.object({ steps: z.int() });
// Made once: only what the SDK itself asks to be done for each server object is done for each.
const heavy = Array.from({ length: heavyTools }, (_, at) => heavyZodTool(z, at + 1));

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
}
