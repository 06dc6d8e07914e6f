import type { JsonObject, RequestId } from '../../json-rpc/message.js';
import { atLeast } from '../../protocol/revisions.js';

interface Question {
  readonly method: string;
  readonly params?: JsonObject;
}

/** A question of 2026-07-28 in the words of an older revision. `id` names a url elicitation. */
export function questionFor(input: Question, revision: string, id: RequestId): Question {
  if (input.method !== 'elicitation/create') return input;
  const { mode, ...params } = input.params ?? {};
  // Form was the only mode before 2025-11-25 and had no name; url mode has an id there only.
  if (!atLeast(revision, '2025-11-25')) return { method: input.method, params };
  if (mode !== 'url') return input;
  return { method: input.method, params: { ...params, mode, elicitationId: `elicitation-${id}` } };
}
