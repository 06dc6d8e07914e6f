/** What all three demo servers offer alike, so that any client can be tried on any of them. */

export const demo = {
  name: 'interop-demo',
  version: '1.2.3',
  instructions: 'Call add to add two numbers.',
  loggerName: 'demo',
  noteUri: 'demo://note',
  note: 'A note with an umlaut: ä, and a smile: 🙂',
  bytesUri: 'demo://bytes',
  /** The bytes 0, 1, 254, 255. */
  bytes: 'AAH+/w==',
  itemTemplate: 'demo://item/{id}',
  itemIds: ['alpha', 'alphabet', 'beta'],
  names: ['Ada', 'Adele', 'Grace'],
  /** One red pixel. */
  png: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==',
  /** A sound without a sample. */
  wav: 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQAAAAA=',
  confirmUrl: 'https://example.com/confirm',
} as const;

export type ListName = 'tools' | 'prompts' | 'resources';

/** Content of every kind that a tool can answer with. */
export const everyContent = [
  { type: 'text' as const, text: 'Hello' },
  { type: 'image' as const, data: demo.png, mimeType: 'image/png' },
  { type: 'audio' as const, data: demo.wav, mimeType: 'audio/wav' },
  { type: 'resource_link' as const, uri: demo.noteUri, name: 'note', mimeType: 'text/plain' },
  {
    type: 'resource' as const,
    resource: { uri: demo.noteUri, mimeType: 'text/plain', text: demo.note },
  },
];

/** The question of the tool `ask_form`. */
export const nameForm = {
  type: 'object' as const,
  properties: {
    name: { type: 'string' as const, description: 'Your name' },
    age: { type: 'integer' as const, minimum: 0 },
    color: { type: 'string' as const, enum: ['red', 'green'], default: 'green' },
  },
  required: ['name'],
};

export function filter(values: readonly string[], start: string): string[] {
  return values.filter((value) => value.startsWith(start));
}

/** Doors that open once, by name: how one call of a process waits for what another one sees. */
export interface Doors {
  open(name: string): void;
  opened(name: string): Promise<void>;
}

export function createDoors(): Doors {
  const doors = new Map<string, { open: () => void; opened: Promise<void> }>();
  const door = (name: string): { open: () => void; opened: Promise<void> } => {
    let found = doors.get(name);
    if (found === undefined) {
      let open = (): void => undefined;
      const opened = new Promise<void>((resolve) => (open = resolve));
      found = { open, opened };
      doors.set(name, found);
    }
    return found;
  };
  return { open: (name) => door(name).open(), opened: (name) => door(name).opened };
}
