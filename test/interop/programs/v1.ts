/** The demo server of the official SDK v1 over standard input and output. */
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { createV1Demo } from '../servers/v1.js';

await createV1Demo().connect(new StdioServerTransport());
