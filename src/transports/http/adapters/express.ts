import type { Endpoint } from '../endpoint.js';
import { type NodeHandler, nodeHandler } from '../node.js';

/**
 * The handler of an endpoint for Express: `app.use('/mcp', expressHandler(endpoint))`, before any
 * body parser. It answers whatever it is given and passes nothing on: what the endpoint refuses is
 * then nobody else's to read in another way. A prefix that Express cuts off does not count; `path`
 * of the endpoint is the whole path.
 */
export function expressHandler(endpoint: Endpoint): NodeHandler {
  const handle = nodeHandler(endpoint);
  return (request, response) => {
    // Which software answers is nobody's business.
    response.removeHeader('x-powered-by');
    handle(request, response);
  };
}
