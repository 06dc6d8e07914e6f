import type { Presenter } from '../../credentials.js';
import { abortError } from '../../engine/pending.js';
import type { Cancelling } from '../../exchange.js';
import type { Limits } from '../../limits.js';
import type { HttpAnswer, HttpRequest, HttpSend } from './send.js';

/** Sends with what shows who is calling, and again when a refusal told how to get in. */
export function authorizedSend(
  send: HttpSend,
  presenter: Presenter,
  { url: server, limits }: { readonly url: string; readonly limits: Limits },
): HttpSend {
  const { origin } = new URL(server);
  const authorized = async (request: HttpRequest): Promise<HttpAnswer> => {
    const { method, url, signal } = request;
    // Whatever a server names besides is not told who is calling.
    if (new URL(url).origin !== origin) return send(request);
    for (let refusals = 0; ; refusals++) {
      const shown = await inTime(presenter.headers({ method, url }), signal);
      const answer = await send({ ...request, headers: { ...request.headers, ...shown } });
      const { status } = answer;
      if (status !== 401 && status !== 403) {
        presenter.accepted(shown, answer);
        return answer;
      }
      if (refusals >= limits.authorizationsMax) return answer;
      const header = (name: string): string | undefined => answer.header(name);
      const base = { status, method, url, shown, header } as const;
      const operation = operationOf(request);
      const refusal = operation === undefined ? base : { ...base, operation };
      if (!(await inTime(presenter.refused(refusal), signal))) return answer;
      await drop(answer, limits.refusalBytesMax);
    }
  };
  return Object.assign(authorized, send.close === undefined ? {} : { close: send.close });
}

function operationOf({ headers }: HttpRequest): string | undefined {
  const { 'mcp-method': method, 'mcp-name': name } = headers;
  return method === undefined || name === undefined ? method : `${method} ${name}`;
}

/** The caller may lose patience; others may still wait for the same. */
function inTime<Value>(work: Promise<Value>, signal: Cancelling | undefined): Promise<Value> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(abortError(signal));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** Reads what nobody wants, so that its connection can be used again, unless it is much. */
async function drop(answer: HttpAnswer, bytesMax: number): Promise<void> {
  let bytes = 0;
  const reading = answer.read((chunk) => {
    bytes += chunk.length;
    if (bytes > bytesMax) throw new RangeError('nobody wants it');
  });
  await reading.catch(() => undefined);
}
