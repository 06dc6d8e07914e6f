/** Node's own global fetch, and nothing else. */
export async function open({ url }) {
  let id = 0;
  const call = async (text) => {
    const params = { name: 'echo', arguments: { text } };
    const answer = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: ++id, method: 'tools/call', params }),
    });
    return (await answer.json()).result.content[0].text;
  };
  return { call };
}
