/** Ours over stdio, with every limit on but the length of a line, which one workload goes past. */
import { createServer } from 'sallyport';
import { serveStdio } from 'sallyport/stdio';
import { echoInput as input } from './echo.js';
import { reportCpu } from './report-cpu.js';

const server = createServer({ name: 'bench', version: '1.0.0' });
server.tool('echo', { input }, ({ text }) => {
  const given = text as string;
  return given.length > 1000 ? 'long' : given;
});

serveStdio(server, { limits: { serverMessageBytesMax: 64 * 1024 * 1024 } });
reportCpu({ port: 0 });
