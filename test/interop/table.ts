/** What stands above a column. */
export interface Heading {
  readonly client: string;
  readonly server: string;
  readonly carrier: string;
  readonly era: string;
}

/** What came of each cell of the matrix, to be printed. */
export interface Table {
  /** Failed, until it is said to be ok. */
  begun(feature: string, column: Heading): void;
  ok(feature: string, column: Heading): void;
  notOffered(feature: string, column: Heading, reason: string): void;
  text(): string;
}

export function createTable(features: readonly string[], columns: readonly Heading[]): Table {
  const cells = new Map<string, string>();
  const reasons: string[] = [];
  const key = (feature: string, column: Heading): string => `${feature} ${columns.indexOf(column)}`;
  const noteFor = (reason: string): number => {
    if (!reasons.includes(reason)) reasons.push(reason);
    return reasons.indexOf(reason) + 1;
  };

  return {
    begun: (feature, column) => void cells.set(key(feature, column), 'FAILED'),
    ok: (feature, column) => void cells.set(key(feature, column), 'ok'),
    notOffered: (feature, column, reason) =>
      void cells.set(key(feature, column), `(${noteFor(reason)})`),
    text() {
      const width = Math.max(...features.map(({ length }) => length)) + 2;
      const heads = (['client', 'server', 'carrier', 'era'] as const).map((member) =>
        row(
          member,
          columns.map((column) => column[member]),
          width,
        ),
      );
      const rows = features.map((feature) =>
        row(
          feature,
          columns.map((column) => cells.get(key(feature, column)) ?? '?'),
          width,
        ),
      );
      const notes = reasons.map((reason, at) => `(${at + 1}) ${reason}`);
      return ['', ...heads, '', ...rows, '', ...notes].join('\n');
    },
  };
}

function row(head: string, cells: readonly string[], width: number): string {
  return (head.padEnd(width) + cells.map((cell) => cell.padEnd(cellWidth)).join('')).trimEnd();
}

const cellWidth = 'everything'.length + 2;
