/** Extensions: what lies beyond the protocol's core and is off until both sides say otherwise. */
import { McpError } from '../errors.js';
import { isJsonObject, type JsonObject } from '../json-rpc/message.js';

/** The official extensions that this library knows. */
export const extensionIds = {
  /** Calls that are answered by a handle, whose result is fetched later. */
  tasks: 'io.modelcontextprotocol/tasks',
  /** MCP Apps: tools that come with a user interface. */
  apps: 'io.modelcontextprotocol/ui',
} as const;

Object.freeze(extensionIds);

/** The settings with which a peer declares the extension; nothing when it does not. */
export function extensionSettings(
  capabilities: { readonly extensions?: { readonly [id: string]: JsonObject } },
  id: string,
): JsonObject | undefined {
  const { extensions } = capabilities;
  if (!isJsonObject(extensions) || !Object.hasOwn(extensions, id)) return undefined;
  const settings = extensions[id];
  return isJsonObject(settings) ? settings : undefined;
}

/** The same capabilities with one extension more, or less. */
export function withExtension<T extends { readonly extensions?: object }>(
  capabilities: T,
  id: string,
  settings: JsonObject | undefined,
): T {
  const { [id]: _old, ...others } = (capabilities.extensions ?? {}) as JsonObject;
  const { extensions: _all, ...rest } = capabilities;
  const extensions = settings === undefined ? others : { ...others, [id]: settings };
  return (Object.keys(extensions).length === 0 ? rest : { ...rest, extensions }) as T;
}

/** What a caller hears that did not declare the extension that its request needs. */
export function missingExtension(id: string): McpError {
  return new McpError('missingClientCapability', `This needs a client with the extension ${id}`, {
    data: { requiredCapabilities: { extensions: { [id]: {} } } },
  });
}

/** Whether an error says that the caller lacks this extension. */
export function lacksExtension(error: McpError, id: string): boolean {
  if (error.kind !== 'missingClientCapability' || !isJsonObject(error.data)) return false;
  const required = error.data['requiredCapabilities'];
  return isJsonObject(required) && extensionSettings(required, id) !== undefined;
}

/** Throws a TypeError for what cannot name an extension, or names one twice (SEP-2133). */
export function refuseExtensionIds(ids: readonly string[]): void {
  for (const [at, id] of ids.entries()) {
    // A prefix and a name, as keys of `_meta` have them.
    if (!/^[A-Za-z][A-Za-z0-9.-]*\/[A-Za-z0-9][A-Za-z0-9._-]*$/.test(id)) {
      throw new TypeError(`"${id}" cannot name an extension: use a form like "com.example/name"`);
    }
    if (ids.indexOf(id) < at) throw new TypeError(`The extension "${id}" was given twice`);
  }
}
