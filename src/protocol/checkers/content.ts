/** Content blocks of tool results, prompts and sampling, and the contents of resources. */
import { isJsonObject } from '../../json-rpc/message.js';
import {
  anything,
  arrayOf,
  boolean,
  both,
  jsonObject,
  literal,
  object,
  string,
  variant,
  type Checker,
} from '../combinators.js';
import type {
  AudioContent,
  BlobResourceContents,
  ContentBlock,
  EmbeddedResource,
  ImageContent,
  ResourceLink,
  SamplingMessageContentBlock,
  TextContent,
  TextResourceContents,
  ToolResultContent,
  ToolUseContent,
} from '../modern.types.js';
import { described } from './base.js';

const marks = { annotations: jsonObject, _meta: jsonObject } as const;

export const textContent: Checker<TextContent> = object<TextContent>(
  { type: literal('text'), text: string },
  marks,
);

export const imageContent: Checker<ImageContent> = object<ImageContent>(
  { type: literal('image'), data: string, mimeType: string },
  marks,
);

export const audioContent: Checker<AudioContent> = object<AudioContent>(
  { type: literal('audio'), data: string, mimeType: string },
  marks,
);

export const resourceLink: Checker<ResourceLink> = object<ResourceLink>(
  { type: literal('resource_link'), uri: string, name: string },
  { ...described, mimeType: string, annotations: jsonObject },
);

const contentsMembers = object<TextResourceContents & BlobResourceContents>(
  { uri: string },
  { mimeType: string, text: string, blob: string, _meta: jsonObject },
);

/** What a resource holds: text, or bytes in base64. */
export const resourceContents: Checker<TextResourceContents | BlobResourceContents> = both(
  contentsMembers,
  (value, path) =>
    isJsonObject(value) && value['text'] === undefined && value['blob'] === undefined
      ? `${path} must have text or blob`
      : undefined,
);

export const textResourceContents: Checker<TextResourceContents> = both(
  object<TextResourceContents>({ text: string }),
  contentsMembers,
);

export const blobResourceContents: Checker<BlobResourceContents> = both(
  object<BlobResourceContents>({ blob: string }),
  contentsMembers,
);

export const embeddedResource: Checker<EmbeddedResource> = object<EmbeddedResource>(
  { type: literal('resource'), resource: resourceContents },
  marks,
);

export const contentBlock: Checker<ContentBlock> = variant<ContentBlock>('type', {
  text: textContent,
  image: imageContent,
  audio: audioContent,
  resource_link: resourceLink,
  resource: embeddedResource,
});

export const toolUseContent: Checker<ToolUseContent> = object<ToolUseContent>(
  { type: literal('tool_use'), id: string, name: string, input: jsonObject },
  { _meta: jsonObject },
);

export const toolResultContent: Checker<ToolResultContent> = object<ToolResultContent>(
  { type: literal('tool_result'), toolUseId: string, content: arrayOf(contentBlock) },
  { isError: boolean, structuredContent: anything, _meta: jsonObject },
);

export const samplingContentBlock: Checker<SamplingMessageContentBlock> =
  variant<SamplingMessageContentBlock>('type', {
    text: textContent,
    image: imageContent,
    audio: audioContent,
    tool_use: toolUseContent,
    tool_result: toolResultContent,
  });
