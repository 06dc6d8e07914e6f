export { type ListenOptions, type Listening, listen, nodeHandler } from './node.js';
export { type Credentials, type Endpoint, type EndpointOptions, type Verify } from './endpoint.js';
export { createEndpoint } from './endpoint.js';
