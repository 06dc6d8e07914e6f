import { McpError, ToolError } from '../errors.js';
import type { Io, Principal, Request, Result } from '../exchange.js';
import { isJsonObject, type JsonObject } from '../json-rpc/message.js';
import { toBase64 } from '../protocol/content.js';
import type {
  Annotations,
  Icon,
  BlobResourceContents,
  TextResourceContents,
} from '../protocol/modern.types.js';
import { parseUriTemplate, type UriTemplate } from '../protocol/uri-template.js';
import type { Call } from './call.js';
import type { Completers } from './completion.js';
import { defined, failureOf, type Handler, type ServerParts } from './parts.js';
import { createRegistry, type Registration } from './registry.js';
import { writable } from './results.js';
import { InputRequired } from './rounds.js';
import { isHidden, maySee, type Needed, readScopes, refuseWithout } from './scopes.js';

export interface ResourceOptions {
  /** Defaults to the URI. */
  readonly name?: string;
  readonly title?: string;
  readonly description?: string;
  readonly mimeType?: string;
  /** In bytes, where it is known. */
  readonly size?: number;
  readonly annotations?: Annotations;
  readonly icons?: readonly Icon[];
  readonly meta?: JsonObject;
  /** What callers need to list, read and watch it; see the scopes of tools. */
  readonly scopes?: readonly string[];
  /** Suggestions for the variables of a template. */
  readonly complete?: Completers;
}

/** Which resource is wanted: its URI, and the template's variables in it. */
export interface ResourceTarget {
  readonly uri: string;
  readonly variables: { readonly [name: string]: string | readonly string[] };
}

type Contents = TextResourceContents | BlobResourceContents;

/** Text, bytes, or contents in full; undefined says that there is no such resource. */
export type ResourceReturn =
  | string
  | Uint8Array
  | Partial<Contents>
  | readonly Contents[]
  | InputRequired
  | undefined;

export type ResourceHandler = (
  target: ResourceTarget,
  call: Call,
) => ResourceReturn | Promise<ResourceReturn>;

export interface Resources {
  /** `uri` is a URI, or an RFC 6570 template when it has braces. */
  add(
    uri: string,
    options: ResourceOptions,
    handler: ResourceHandler,
  ): Registration<ResourceOptions>;
  readonly list: Handler;
  readonly listTemplates: Handler;
  readonly read: Handler;
  /** Undefined when there is no such resource or template. */
  completersOf(uri: string, principal: Principal): Completers | undefined;
  /** Whether a caller may be told that it changed. */
  mayWatch(uri: string, principal: Principal): boolean;
}

interface Resource {
  readonly item: JsonObject;
  readonly scopes: Needed;
  readonly mimeType: string | undefined;
  readonly template: UriTemplate | undefined;
  readonly complete: Completers | undefined;
  readonly handler: ResourceHandler;
}

export function createResources(parts: ServerParts): Resources {
  const change = 'resources';
  const fixed = createRegistry<Resource>({ what: 'resource', member: 'resources', change }, parts);
  const templates = createRegistry<Resource>(
    { what: 'resource template', member: 'resourceTemplates', change },
    parts,
  );

  const find = (uri: string): { resource: Resource; target: ResourceTarget } | undefined => {
    const exact = fixed.get(uri);
    if (exact !== undefined) return { resource: exact, target: { uri, variables: {} } };
    if (uri.length > parts.limits.uriBytesMax) return undefined;
    for (const resource of templates.entries()) {
      const variables = resource.template?.match(uri);
      if (variables !== undefined) return { resource, target: { uri, variables } };
    }
    return undefined;
  };

  return {
    add(uri, options, handler) {
      const registry = uri.includes('{') ? templates : fixed;
      return registry.add(uri, options, (current) =>
        readyResource(uri, current, handler, parts.scopes),
      );
    },
    list: (request, io) => fixed.page(request, io),
    listTemplates: (request, io) => templates.page(request, io),
    async read(request, io) {
      const uri = request.params?.['uri'] as string;
      const found = find(uri);
      const { principal } = io.peer;
      if (found === undefined || isHidden(found.resource.scopes, principal)) throw notFound(uri);
      refuseWithout(found.resource.scopes ?? [], principal);
      return readOne(found.resource, found.target, request, io, parts);
    },
    completersOf(uri, principal) {
      const resource = templates.get(uri) ?? fixed.get(uri);
      if (resource === undefined || isHidden(resource.scopes, principal)) return undefined;
      refuseWithout(resource.scopes ?? [], principal);
      return resource.complete ?? {};
    },
    mayWatch(uri, principal) {
      if (principal.scopes === undefined) return true;
      const found = find(uri);
      return found !== undefined && maySee(found.resource.scopes, principal);
    },
  };
}

async function readOne(
  resource: Resource,
  target: ResourceTarget,
  request: Request,
  io: Io,
  parts: ServerParts,
): Promise<Result> {
  try {
    return await parts.runRound(request, io, async (call) => {
      const returned = await resource.handler(target, call);
      if (returned instanceof InputRequired) return returned;
      if (returned === undefined) throw notFound(target.uri);
      return { contents: toContents(returned, target.uri, resource.mimeType).map(writable) };
    });
  } catch (thrown) {
    if (thrown instanceof ToolError) throw new McpError('internal', thrown.message);
    throw failureOf(thrown, request, io, parts.report);
  }
}

function toContents(
  returned: Exclude<ResourceReturn, undefined | InputRequired>,
  uri: string,
  mimeType: string | undefined,
): readonly JsonObject[] {
  if (Array.isArray(returned)) return returned as readonly JsonObject[];
  const base = mimeType === undefined ? { uri } : { uri, mimeType };
  if (typeof returned === 'string') return [{ ...base, text: returned }];
  if (returned instanceof Uint8Array) return [{ ...base, blob: toBase64(returned) }];
  if (isJsonObject(returned)) return [{ ...base, ...returned }];
  throw new TypeError('A resource handler returns text, bytes or contents');
}

function readyResource(
  uri: string,
  options: ResourceOptions,
  handler: ResourceHandler,
  fallback: Needed,
): Resource {
  const template = uri.includes('{') ? parseUriTemplate(uri) : undefined;
  if (template === undefined && !URL.canParse(uri)) throw new TypeError(`"${uri}" is not a URI`);
  const scopes = readScopes(options.scopes, fallback, `The scopes of "${uri}"`);
  const { name = uri, title, description, mimeType, size, annotations, icons, meta } = options;
  const item = defined({
    ...(template === undefined ? { uri } : { uriTemplate: uri }),
    name,
    title,
    description,
    mimeType,
    size,
    annotations,
    icons,
    _meta: meta,
  });
  return { item, scopes, mimeType, template, complete: options.complete, handler };
}

function notFound(uri: string): McpError {
  return new McpError('resourceNotFound', 'Resource not found', { data: { uri } });
}
