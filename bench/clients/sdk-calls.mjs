/** What both official SDKs do alike: their clients and transports differ by their names alone. */
export async function openWith(client, { Http, Stdio }, { url, command, args }) {
  await client.connect(
    url === undefined ? new Stdio({ command, args, stderr: 'ignore' }) : new Http(new URL(url)),
  );
  const call = async (text) =>
    (await client.callTool({ name: 'echo', arguments: { text } })).content[0].text;
  return { call };
}
