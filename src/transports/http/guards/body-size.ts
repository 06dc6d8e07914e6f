import { McpError } from '../../../errors.js';
import type { Guard } from './guard.js';

/** An early refusal of what says itself that it is too large; the rest is counted as it comes. */
export function guardBodySize(bytesMax: number): Guard {
  return (_request, head) => {
    const declared = head['content-length'];
    if (declared === undefined || Number(declared) <= bytesMax) return undefined;
    return new McpError('tooLarge', `A message may have ${bytesMax} bytes`);
  };
}
