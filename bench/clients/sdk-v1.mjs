/** The official SDK v1. */
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport as Stdio } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport as Http } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { openWith } from './sdk-calls.mjs';

const info = { name: 'bench', version: '1.0.0' };

export const open = (target) => openWith(new Client(info), { Http, Stdio }, target);
