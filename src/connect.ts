import { findEra } from './connect/find-era.js';
import { openTarget, type Target } from './connect/open-target.js';
import { type ConnectOptions, readOptions } from './connect/options.js';
import type { Client } from './client/client.js';
import { abortError } from './engine/pending.js';
import { McpError } from './errors.js';

export type { CommandTarget, Target } from './connect/open-target.js';
export type { Supervision } from './connect/supervise.js';
export type { ConnectOptions, EraChoice } from './connect/options.js';

/**
 * Connects to a server over any transport. Rejects with McpError when it cannot be reached, or does
 * not speak what was insisted on.
 */
export async function connect(target: Target, options: ConnectOptions = {}): Promise<Client> {
  const parts = readOptions(options);
  if (options.signal?.aborted === true) throw abortError(options.signal);
  const opener = await openTarget(target, parts);
  try {
    return await findEra(opener, parts);
  } catch (thrown) {
    await opener.close();
    throw McpError.from(thrown);
  }
}
