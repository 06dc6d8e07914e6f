/** MCP Apps (io.modelcontextprotocol/ui): tools that come with a user interface. */
import { isJsonObject, type JsonObject } from '../json-rpc/message.js';

/** The media type of the resource that holds an interface. */
export const appMimeType = 'text/html;profile=mcp-app';

/** Who calls a tool: the model, the tool's own interface, or both. */
export type AppVisibility = 'model' | 'app';

/** `_meta.ui` of a tool. */
export interface AppToolMeta {
  /** Where the interface is read: a `ui://` resource. */
  readonly resourceUri?: string;
  /** Default: both. Without `model`, clients that show no interfaces do not see the tool. */
  readonly visibility?: readonly AppVisibility[];
}

/** Origins that an interface may use. */
export interface AppContentSecurityPolicy {
  readonly connectDomains?: readonly string[];
  readonly resourceDomains?: readonly string[];
  readonly frameDomains?: readonly string[];
  readonly baseUriDomains?: readonly string[];
}

/** `_meta.ui` of the resource that holds an interface. */
export interface AppResourceMeta {
  readonly csp?: AppContentSecurityPolicy;
  readonly permissions?: {
    readonly camera?: JsonObject;
    readonly microphone?: JsonObject;
    readonly geolocation?: JsonObject;
    readonly clipboardWrite?: JsonObject;
  };
  readonly domain?: string;
  readonly prefersBorder?: boolean;
}

/** The `meta` of a tool or resource that has to do with an interface. */
export function appMeta(ui: AppToolMeta | AppResourceMeta): { readonly ui: JsonObject } {
  return { ui: { ...ui } };
}

/** What a tool, as servers list it, says of its interface; nothing when it has none. */
export function appToolMeta(tool: { readonly _meta?: JsonObject }): AppToolMeta | undefined {
  const ui = tool._meta?.['ui'];
  return isJsonObject(ui) ? ui : undefined;
}

/** Whether only interfaces call the tool, never the model. */
export function isAppOnly(tool: { readonly _meta?: JsonObject }): boolean {
  const visibility: unknown = appToolMeta(tool)?.visibility;
  return Array.isArray(visibility) && !visibility.includes('model');
}
