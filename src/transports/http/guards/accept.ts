import { McpError } from '../../../errors.js';
import type { Guard } from './guard.js';

/** POST may be answered by JSON or by a stream, GET by a stream only; absent accepts everything. */
export const guardAccept: Guard = ({ method }, { accept }) => {
  if (accept === undefined || method === 'DELETE') return undefined;
  if (accept === 'application/json, text/event-stream') return undefined;
  const ranges = accept.split(',').map((range) => range.split(';', 1)[0]!.trim().toLowerCase());
  const accepts = (type: string): boolean =>
    ranges.includes(type) || ranges.includes('*/*') || ranges.includes(`${type.split('/')[0]}/*`);
  if (!accepts('text/event-stream')) return notAcceptable(method);
  if (method === 'POST' && !accepts('application/json')) return notAcceptable(method);
  return undefined;
};

function notAcceptable(method: string): McpError {
  const types = method === 'POST' ? 'application/json and text/event-stream' : 'text/event-stream';
  return new McpError('notAcceptable', `Accept must list ${types}`);
}
