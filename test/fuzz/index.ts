/** Everything that is fuzzed, in turn. */
import type { Target } from './target.js';
import { httpTarget } from './targets/http.js';
import { linesTarget } from './targets/lines.js';
import { messagesTarget } from './targets/messages.js';
import { schemasTarget } from './targets/schemas.js';
import { sseTarget } from './targets/sse.js';
import { urisTarget } from './targets/uris.js';

export function allTargets(): readonly Target[] {
  return [
    messagesTarget(),
    httpTarget(),
    sseTarget(),
    linesTarget(),
    schemasTarget(),
    urisTarget(),
  ];
}
