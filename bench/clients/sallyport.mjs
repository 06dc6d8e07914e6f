/** Ours, as it was built, with every check and limit on. */
import { connect } from '../../dist/index.js';

export async function open({ url, command, args }) {
  const client = await connect(url ?? { command, args });
  return { call: async (text) => (await client.callTool('echo', { text })).content[0].text };
}
