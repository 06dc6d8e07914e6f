import { appMimeType } from '../protocol/apps.js';
import { extensionIds } from '../protocol/extensions.js';
import type { ClientExtension } from './extension.js';

export interface AppsOptions {
  /** What the host can show. Default: `text/html;profile=mcp-app`. */
  readonly mimeTypes?: readonly string[];
}

/** MCP Apps: this client shows the interfaces of tools, and lists those that only they call. */
export function withApps({ mimeTypes = [appMimeType] }: AppsOptions = {}): ClientExtension {
  return { id: extensionIds.apps, settings: { mimeTypes } };
}
