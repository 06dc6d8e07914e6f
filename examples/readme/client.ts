import { connect } from 'sallyport';
const client = await connect('http://127.0.0.1:3000/mcp'); // or { command, args }, or a server object
const onProgress = ({ done, of }: { done: number; of?: number }) => console.error(`${done}/${of}`);
console.log(await client.callTool('count', { to: 3 }, { onProgress }));
await client.close();
