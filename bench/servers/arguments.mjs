/** How each measured server is started, and what its tools answer. */
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    port: { type: 'string' },
    mode: { type: 'string', default: 'session' },
    stdio: { type: 'boolean', default: false },
    'message-bytes': { type: 'string' },
  },
});

export const port = Number(values.port ?? 0);
export const mode = values.mode;
export const isStdio = values.stdio;
/** The bound of one message, where one workload raises it by its name. */
export const messageBytes =
  values['message-bytes'] === undefined ? undefined : Number(values['message-bytes']);
export const info = { name: 'bench', version: '1.0.0' };
export const said = (text) => ({ content: [{ type: 'text', text }] });

/** Sends one notification for each step. */
export async function work(steps, send) {
  for (let step = 1; step <= steps; step++) await send(step);
  return `done:${steps}`;
}
