/** Content blocks, made by hand: what tools return and prompts say. */
import { toBase64 } from './base64.js';
import { contentBlock } from './checkers/content.js';
import type {
  Annotations,
  AudioContent,
  BlobResourceContents,
  ContentBlock,
  EmbeddedResource,
  ImageContent,
  ResourceLink,
  TextContent,
  TextResourceContents,
} from './modern.types.js';

export { toBase64 };

export interface ContentOptions {
  /** Whom the block is for, and how much it matters. */
  readonly annotations?: Annotations;
  readonly _meta?: { readonly [key: string]: unknown };
}

/** What a resource holds, with bytes as they are. */
export interface BytesResourceContents {
  readonly uri: string;
  readonly mimeType?: string;
  readonly bytes: Uint8Array;
  readonly _meta?: { readonly [key: string]: unknown };
}

export function text(value: string, options: ContentOptions = {}): TextContent {
  return { type: 'text', text: value, ...options };
}

/** `data` is bytes, or base64 already. */
export function image(
  data: Uint8Array | string,
  mimeType: string,
  options: ContentOptions = {},
): ImageContent {
  return { type: 'image', data: asBase64(data), mimeType, ...options };
}

/** `data` is bytes, or base64 already. */
export function audio(
  data: Uint8Array | string,
  mimeType: string,
  options: ContentOptions = {},
): AudioContent {
  return { type: 'audio', data: asBase64(data), mimeType, ...options };
}

/** Points at a resource that the client may read, without holding it. */
export function resourceLink(link: Omit<ResourceLink, 'type'>): ResourceLink {
  return { type: 'resource_link', ...link };
}

/** Holds the contents of a resource: text, base64, or bytes. */
export function embedded(
  contents: TextResourceContents | BlobResourceContents | BytesResourceContents,
  options: ContentOptions = {},
): EmbeddedResource {
  return { type: 'resource', resource: resourceContents(contents), ...options };
}

/** Resource contents as they travel: bytes become base64. */
export function resourceContents(
  contents: TextResourceContents | BlobResourceContents | BytesResourceContents,
): TextResourceContents | BlobResourceContents {
  if (!('bytes' in contents)) return contents;
  const { bytes, ...rest } = contents;
  return { ...rest, blob: toBase64(bytes) };
}

export function isContentBlock(value: unknown): value is ContentBlock {
  return contentBlock(value, '') === undefined;
}

function asBase64(data: Uint8Array | string): string {
  return typeof data === 'string' ? data : toBase64(data);
}
