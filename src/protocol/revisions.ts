/** The five revisions of the protocol, and the era to which each belongs. */

export type Era = 'modern' | 'legacy';
export type ModernRevision = '2026-07-28';
export type LegacyRevision = '2025-11-25' | '2025-06-18' | '2025-03-26' | '2024-11-05';
export type Revision = ModernRevision | LegacyRevision;

/** Revisions whose requests stand alone, each with its metadata; newest first. */
export const modernRevisions: readonly ModernRevision[] = Object.freeze(['2026-07-28'] as const);

/** Revisions that begin with a handshake; newest first. */
export const legacyRevisions: readonly LegacyRevision[] = Object.freeze([
  '2025-11-25',
  '2025-06-18',
  '2025-03-26',
  '2024-11-05',
] as const);

/** All of them, newest first. */
export const revisions: readonly Revision[] = Object.freeze([
  ...modernRevisions,
  ...legacyRevisions,
]);

export const newestModern: ModernRevision = '2026-07-28';
export const newestLegacy: LegacyRevision = '2025-11-25';

/** What an HTTP request without a version header speaks (2025-06-18, basic/transports). */
export const assumedRevision: LegacyRevision = '2025-03-26';

/** The era of a revision; nothing for one that we do not know. */
export function eraOf(revision: string): Era | undefined {
  return eras.get(revision);
}

export function isModern(revision: string): revision is ModernRevision {
  return eras.get(revision) === 'modern';
}

export function isLegacy(revision: string): revision is LegacyRevision {
  return eras.get(revision) === 'legacy';
}

/** True when we know `revision` and it is `other` or newer; dates sort as their text does. */
export function atLeast(revision: string, other: Revision): boolean {
  return eras.has(revision) && revision >= other;
}

const eras: ReadonlyMap<string, Era> = new Map<string, Era>([
  ...modernRevisions.map((revision) => [revision, 'modern'] as const),
  ...legacyRevisions.map((revision) => [revision, 'legacy'] as const),
]);
