import type { McpError } from '../../../errors.js';
import type { Head } from '../head.js';
import type { WireRequest } from '../wire.js';

/** Looks at a request before a byte of its body is read; a returned error is the answer. */
export type Guard = (request: WireRequest, head: Head) => McpError | undefined;
