import { McpError } from '../../../errors.js';
import type { Head } from '../head.js';
import type { Guard } from './guard.js';

export const allowedMethods = 'POST, GET, DELETE';

/** `asksFirst`: pages of some origins may call, and their browsers ask first. */
export function guardMethod(asksFirst: boolean): Guard {
  return ({ method }, head) => {
    if (method === 'POST' || method === 'GET' || method === 'DELETE') return undefined;
    return asksFirst && isPreflight(method, head) ? undefined : methodNotAllowed();
  };
}

export function guardMethodOfMetadata(asksFirst: boolean): Guard {
  return ({ method }, head) => {
    if (method === 'GET') return undefined;
    return asksFirst && isPreflight(method, head) ? undefined : methodNotAllowed();
  };
}

/** Whether a browser asks if a page may send something; nobody else uses OPTIONS. */
export function isPreflight(method: string, head: Head): boolean {
  return (
    method === 'OPTIONS' &&
    head.origin !== undefined &&
    head['access-control-request-method'] !== undefined
  );
}

export function methodNotAllowed(): McpError {
  return new McpError('methodNotAllowed', `Method not allowed; use ${allowedMethods}`);
}
