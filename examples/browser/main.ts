/**
 * A page that calls a tool of ../files/server.ts, shows how far it is, and then its result. The
 * server has to list the origin of the page in `allowedOrigins`. Which server: `?server=URL`.
 */
import { type CallOptions, connect, McpError } from 'sallyport/client';
import type { FilesReport } from '../files/server.js';
import { askInDialog } from './ask-in-dialog.js';

const query = new URLSearchParams(location.search);
const serverUrl = query.get('server') ?? 'http://127.0.0.1:3000/mcp';
const era = query.get('era') === 'legacy' ? 'legacy' : 'auto';

const start = find('start', HTMLButtonElement);
const stop = find('stop', HTMLButtonElement);
const bar = find('bar', HTMLProgressElement);
const table = find('files', HTMLTableElement);

try {
  // #region connect
  const client = await connect(serverUrl, { era, answers: { form: askInDialog } });
  // #endregion
  say('server', `Connected to ${client.server.info?.name}, protocol ${client.protocolVersion}`);

  // #region call
  const measure = async (dir: string, options: CallOptions): Promise<FilesReport> => {
    const result = await client.callTool('process_files', { dir }, options);
    if (result.isError === true) throw new McpError('peer', textOf(result.content));
    return result.structuredContent as FilesReport;
  };
  // #endregion

  find('call', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault();
    void run((options) => measure(find('dir', HTMLInputElement).value, options));
  });
  start.disabled = false;
} catch (thrown) {
  say('server', `No server at ${serverUrl}: ${reasonOf(thrown)}`);
}

/** Shows a call from its beginning to its end; the button ends it before. */
async function run(call: (options: CallOptions) => Promise<FilesReport>): Promise<void> {
  const giveUp = new AbortController();
  stop.onclick = () => giveUp.abort();
  start.disabled = true;
  stop.disabled = false;
  table.hidden = true;
  bar.value = 0;
  say('status', 'Measuring …');
  try {
    // #region follow
    const report = await call({
      signal: giveUp.signal,
      onProgress({ done, of = done, message = '' }) {
        bar.value = done / of;
        say('status', `${done} of ${of}: ${message}`);
      },
    });
    // #endregion
    bar.value = 1;
    say('status', `${report.files.length} files, ${report.totalBytes} bytes`);
    showTable(report);
  } catch (thrown) {
    say('status', `Not measured: ${reasonOf(thrown)}`);
  } finally {
    start.disabled = false;
    stop.disabled = true;
  }
}

/** Names of files are text, and stay text: nothing of a server is taken for HTML. */
function showTable({ files }: FilesReport): void {
  const [body] = table.tBodies;
  body?.replaceChildren();
  for (const { path, bytes, lines, words, sha256, error } of files) {
    const row = body?.insertRow();
    const numbers = [bytes, lines, words].map((number) => String(number ?? '–'));
    for (const [at, text] of [path, ...numbers, sha256?.slice(0, 12) ?? error ?? ''].entries()) {
      const cell = row?.insertCell();
      cell?.append(text);
      cell?.classList.add(at === 0 ? 'path' : at === 4 ? 'digits' : 'number');
    }
  }
  table.hidden = false;
}

function say(id: string, text: string): void {
  find(id, HTMLElement).textContent = text;
}

function find<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new TypeError(`The page has no ${id}`);
  return found;
}

function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

function textOf(content: readonly { readonly type: string; readonly text?: unknown }[]): string {
  return content.flatMap(({ text }) => (typeof text === 'string' ? [text] : [])).join('\n');
}
