import { McpError } from '../../errors.js';

/** It has ended, or never was. */
export function sessionNotFound(): McpError {
  return new McpError('sessionNotFound', 'Session not found: send initialize again');
}

/** It goes on wherever the client comes back, but not with what was begun here. */
export function sessionLeft(): McpError {
  return new McpError('unavailable', 'This node has let the session go; try again');
}

/** A GET stream stands that is alive (decision 16). */
export function streamConflict(): McpError {
  return new McpError('streamConflict', 'This session has a GET stream already');
}
