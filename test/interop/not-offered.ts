import type { Column } from './columns.js';

/** Why some cells of the matrix cannot be there. */
export interface NotOffered {
  readonly features: readonly string[];
  readonly where: Partial<Column>;
  readonly reason: string;
  /** How an attempt ends, so that a reason that no longer holds is noticed. */
  readonly endsWith?: string;
}

/** Every cell that the other side, or the protocol, does not have. */
export const notOffered: readonly NotOffered[] = [
  {
    features: ['argument in a header'],
    where: { era: 'legacy' },
    reason: 'Arguments are mirrored into headers by Streamable HTTP of 2026-07-28 alone.',
  },
  {
    features: ['argument in a header'],
    where: { carrier: 'stdio' },
    reason: 'Arguments are mirrored into headers by Streamable HTTP of 2026-07-28 alone.',
  },
  {
    features: ['ping'],
    where: { client: 'v2', era: 'modern' },
    reason: '2026-07-28 has no ping, and the client of the SDK v2 puts nothing in its place.',
    endsWith: 'not supported by the negotiated protocol version',
  },
  {
    features: ['ping'],
    where: { client: 'python', era: 'modern' },
    reason: '2026-07-28 has no ping, and the client of the Python SDK puts nothing in its place.',
    endsWith: 'Method not found',
  },
  {
    features: ['structured list'],
    where: { server: 'v1' },
    reason: 'The SDK v1 describes objects only.',
  },
  {
    features: ['progress', 'log messages'],
    where: { carrier: 'json' },
    reason: 'A server that answers by JSON alone has no stream for notifications.',
  },
  {
    features: ['cancellation'],
    where: { carrier: 'json' },
    reason:
      'A cancellation reaches another server object than the call: the SDK v1 makes one each.',
  },
  {
    features: [
      'form, accepted',
      'form, declined',
      'URL to open',
      'sampling',
      'two questions at once',
      'question before a prompt',
    ],
    where: { carrier: 'json' },
    reason:
      'Without a session the server knows nothing of its client, and no stream takes a question.',
  },
  {
    features: [
      'roots',
      'resource updated',
      'list of tools changed',
      'list of prompts changed',
      'list of resources changed',
    ],
    where: { carrier: 'json' },
    reason: 'Without a session nothing stands on which a server could speak first.',
  },
];

export function whyNot(feature: string, column: Column): NotOffered | undefined {
  return notOffered.find(({ features, where }) => {
    const fits = Object.entries(where).every(
      ([key, value]) => column[key as keyof Column] === value,
    );
    return fits && features.includes(feature);
  });
}
