import { McpError } from '../../../errors.js';
import type { Endpoint } from '../endpoint.js';
import { type NodeHandler, nodeHandler } from '../node.js';

/** What the plugin uses of Fastify; an instance of Fastify 5 has it. */
export interface FastifyScope {
  readonly prefix: string;
  all(path: string, handler: () => void): unknown;
  setNotFoundHandler(handler: () => void): unknown;
  addHook(name: 'preClose', hook: () => Promise<void>): unknown;
  addHook(
    name: 'onRequest',
    hook: (request: FastifyRaw<0>, reply: FastifyRaw<1> & { hijack(): unknown }) => void,
  ): unknown;
  register(plugin: FastifyPlugin, options: { readonly prefix: string }): unknown;
}

/** A request or a reply of Fastify: what `node:http` gave it. */
export interface FastifyRaw<Which extends 0 | 1> {
  readonly raw: Parameters<NodeHandler>[Which];
}

export type FastifyPlugin = (app: FastifyScope) => Promise<void>;

/**
 * The endpoint as a plugin for Fastify: `await app.register(fastifyPlugin(endpoint))`. It answers
 * at the endpoint's own path, whatever the method, before any content-type parser, and leaves the
 * rest of the app as it is. Closing the app lets the calls finish and ends the streams first.
 */
export function fastifyPlugin(endpoint: Endpoint): FastifyPlugin {
  const handle = nodeHandler(endpoint);
  const answer: FastifyPlugin = async (scope) => {
    // The first that Fastify does with a request: nothing has been read, and nothing refused.
    scope.addHook('onRequest', ({ raw }, reply) => {
      reply.hijack();
      handle(raw, reply.raw);
    });
    scope.all('/', unreachable);
    // Methods that Fastify has no routes for come this way, and what is behind the path.
    scope.setNotFoundHandler(unreachable);
  };
  return async (app) => {
    app.addHook('preClose', () => endpoint.close());
    for (const path of endpoint.paths) {
      app.register(answer, { prefix: within(app.prefix, path) });
    }
  };
}

function unreachable(): void {
  throw new McpError('internal', 'The hook before has answered');
}

/** The rest of `path` behind the prefix under which the plugin is registered. */
function within(prefix: string, path: string): string {
  if (`${path}/`.startsWith(`${prefix}/`)) return path.slice(prefix.length);
  throw new McpError(
    'invalidRequest',
    `The endpoint answers at ${path}, which is not below the prefix ${prefix}: ` +
      `register the plugin without a prefix, or give createEndpoint the path ${prefix}${path}`,
  );
}
