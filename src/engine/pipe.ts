import type { Message } from '../json-rpc/message.js';
import type { ParseFailure } from '../json-rpc/parse.js';
import type { McpError } from '../errors.js';

/**
 * A two-way pipe of whole messages: stdio, the in-memory link, HTTP+SSE, or a transport of your
 * own. Framing, bounds and back-pressure are the pipe's business; meaning is not.
 */
export interface Pipe {
  /**
   * Sends one message, or the answers to a batch together. A returned promise settles once there is
   * room for more.
   */
  send(message: Message | readonly Message[]): void | Promise<void>;
  /** Begins delivery. Called once. */
  start(receiver: PipeReceiver): void;
  /** Ends both directions; resolves when nothing of the pipe is left. Safe to call again. */
  close(): Promise<void>;
}

export interface PipeReceiver {
  /** One message, or the members of a JSON-RPC batch. */
  receive(incoming: Message | readonly (Message | ParseFailure)[]): void;
  /** Something arrived that is no message. The pipe goes on. */
  reject(failure: ParseFailure): void;
  /** The other side is gone. Called once; `cause` says why when it was not a clean end. */
  end(cause?: McpError): void;
}
