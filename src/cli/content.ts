import type { ContentBlock } from '../protocol/modern.types.js';
import type { Results } from './output.js';

/** Prints content for people: texts as they are, a short line for what a terminal cannot show. */
export function printContent(content: readonly ContentBlock[], results: Results): void {
  for (const block of content) results.print(results.fit(textOf(block)));
}

export function textOf(block: ContentBlock): string {
  switch (block.type) {
    case 'text':
      return block.text;
    case 'image':
    case 'audio':
      return `[${block.type} ${block.mimeType}, ${bytesIn(block.data)} bytes; see --json]`;
    case 'resource_link':
      return `[${block.name} ${block.uri}]`;
    case 'resource': {
      const { resource } = block;
      if ('text' in resource) return resource.text;
      return `[${resource.uri}, ${bytesIn(resource.blob)} bytes; see --json]`;
    }
    default:
      // A block of a newer revision.
      return `[${String((block as { type: unknown }).type)}; see --json]`;
  }
}

function bytesIn(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0;
  return Math.floor(base64.length / 4) * 3 - padding;
}
