/** Ours, with every guard and limit on. */
// What was built, not what tsx makes of the sources: it names every closure as it is made.
import { createServer } from 'sallyport';
import { listen } from 'sallyport/http';
import { echoInput as input } from './echo.js';
import { reportCpu } from './report-cpu.js';

const server = createServer({ name: 'bench', version: '1.0.0' });
server.tool('echo', { description: 'Says it again', input }, ({ text }) => text as string);

const { port } = await listen(server);
reportCpu({ port });
