import { McpError } from '../../../errors.js';
import type { Guard } from './guard.js';

export const allowedMethods = 'POST, GET, DELETE';

export const guardMethod: Guard = ({ method }) =>
  method === 'POST' || method === 'GET' || method === 'DELETE'
    ? undefined
    : new McpError('methodNotAllowed', `Method not allowed; use ${allowedMethods}`);
