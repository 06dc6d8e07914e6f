/** Our demo server over standard input and output. */
import { serveStdio } from '../../../src/transports/stdio/index.js';
import { createOurDemo } from '../servers/ours.js';

serveStdio(createOurDemo());
