import type { Column } from '../columns.js';
import type { InteropClient } from '../clients/interop-client.js';

/** One line of the matrix: what it is called, and what shows that it works. */
export interface Feature {
  readonly name: string;
  readonly show: (client: InteropClient, column: Column) => Promise<void>;
}

/** How a server turned something down: by a JSON-RPC error, or by a tool result that says so. */
export interface Refusal {
  readonly by: 'error' | 'result';
  readonly code?: number;
  readonly text: string;
}

/** What comes of a call that should be turned down. Throws when it is not. */
export async function refusalOf(answer: Promise<unknown>): Promise<Refusal> {
  try {
    const given = (await answer) as { isError?: boolean; content?: readonly { text?: string }[] };
    if (given.isError === true) return { by: 'result', text: given.content?.[0]?.text ?? '' };
    throw new TypeError(`Not refused, but answered with ${JSON.stringify(given)}`);
  } catch (thrown) {
    if (thrown instanceof TypeError) throw thrown;
    const { code, message } = thrown as Error & { code: number };
    return { by: 'error', code, text: message };
  }
}
