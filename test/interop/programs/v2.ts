/** The demo server of the official SDK v2, which knows both eras, over standard input and output. */
import { serveStdio } from '@modelcontextprotocol/server/stdio';
import { createV2Demo, createV2World } from '../servers/v2.js';

const world = createV2World();
serveStdio(({ era }) => createV2Demo(world, era));
