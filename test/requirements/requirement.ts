/** What the specification asks of a library, one sentence at a time. */
import type { Revision } from '../../src/protocol/revisions.js';

type Level = 'MUST' | 'MUST NOT' | 'SHOULD' | 'SHOULD NOT';
type On = 'stdio' | 'http' | 'all';
type Role = 'server' | 'client' | 'both';

export interface Requirement {
  /** Row of the digest of the specification that it comes from, such as S12 or M9. */
  readonly source: string;
  /** Page of the specification, below docs/specification/<revision>/, or a numbered proposal. */
  readonly clause: string;
  readonly level: Level;
  /** The first and the last revision that ask for it. */
  readonly from: Revision;
  readonly to: Revision;
  readonly on: On;
  readonly role: Role;
  readonly rule: string;
  /** Why it is not done, on purpose. */
  readonly refused?: string;
  /** Which work will do it. */
  readonly later?: string;
}

/** What the rows of a page have in common; a row may differ. */
export type Common = Pick<Requirement, 'clause' | 'on' | 'role'> & Span;

interface Span {
  readonly from?: Revision;
  readonly to?: Revision;
}

type Differences = Partial<Common> & Pick<Requirement, 'refused' | 'later'>;
type Row = Pick<Requirement, 'source' | 'level' | 'rule'> & Differences;

/** The rows of one page, by readable ids. */
export function page<Id extends string>(
  common: Common,
  rows: { readonly [id in Id]: Row },
): { readonly [id in Id]: Requirement } {
  const whole = (row: Row): Requirement => ({
    from: '2024-11-05',
    to: '2026-07-28',
    ...common,
    ...row,
  });
  const entries = Object.entries<Row>(rows).map(([id, row]) => [id, whole(row)] as const);
  return Object.fromEntries(entries) as { [id in Id]: Requirement };
}

export const must = rowOf('MUST');
export const mustNot = rowOf('MUST NOT');
export const should = rowOf('SHOULD');
export const shouldNot = rowOf('SHOULD NOT');

function rowOf(level: Level): (source: string, rule: string, differences?: Differences) => Row {
  return (source, rule, differences) => ({ source, level, rule, ...differences });
}

/** Spans of revisions that many rows have. */
export const modern: Span = { from: '2026-07-28' };
export const legacy: Span = { to: '2025-11-25' };
export const sessions: Span = { from: '2025-03-26', to: '2025-11-25' };
export const newestSessions: Span = { from: '2025-11-25', to: '2025-11-25' };
export const server = { role: 'server' } as const;
export const client = { role: 'client' } as const;
