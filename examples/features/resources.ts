/** Resources: a fixed one, a template with variables, bytes, and one that is not there. */
import assert from 'node:assert/strict';
import { createServer } from 'sallyport';
import { run } from './run.js';

const server = createServer({ name: 'library', version: '1.0.0' });

// #region server
const about = { name: 'about', mimeType: 'text/plain', size: 12 };
server.resource('books://about', about, () => 'Four shelves');

const books = new Map([['1984', 'It was a bright cold day in April.']]);
server.resource('books://{title}{?page}', { name: 'book' }, ({ variables }) => {
  // Variables come from a stranger. Look them up; never paste them into a path or a query.
  const text = books.get(String(variables['title']));
  // undefined says that there is no such resource.
  return text === undefined ? undefined : `${text} (page ${String(variables['page'] ?? 1)})`;
});

server.resource('books://cover', { mimeType: 'image/png' }, () => Uint8Array.of(137, 80, 78, 71));
// #endregion

await run({
  url: import.meta.url,
  server,
  async check(connect) {
    // #region client
    const client = await connect();
    const resources = await client.listResources();
    const templates = await client.listResourceTemplates();
    const { contents } = await client.readResource('books://1984?page=2');
    // #endregion
    assert.deepEqual(
      resources.map(({ uri }) => uri),
      ['books://about', 'books://cover'],
    );
    assert.equal(templates[0]?.uriTemplate, 'books://{title}{?page}');
    assert.deepEqual(contents, [
      { uri: 'books://1984?page=2', text: 'It was a bright cold day in April. (page 2)' },
    ]);
    const cover = await client.readResource('books://cover');
    assert.deepEqual(cover.contents, [
      { uri: 'books://cover', mimeType: 'image/png', blob: 'iVBORw==' },
    ]);
    await assert.rejects(client.readResource('books://1985'), { message: 'Resource not found' });
    return 'texts, bytes and templates were read, and a missing one refused';
  },
});
