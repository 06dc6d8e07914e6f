import type { FilesReport } from './server.js';

export interface TableOptions {
  /** How much of each SHA-256 is shown; all 64 digits by default. */
  readonly hashDigits?: number;
}

/** A row for each file, notes on what is missing, and a last line `N files`. */
export function renderTable(report: FilesReport, { hashDigits = 64 }: TableOptions = {}): string {
  const rows = report.files.map((file) => {
    const { bytes, lines, words, sha256, error } = file;
    const numbers = [bytes, lines, words].map((n) => (n === undefined ? '-' : String(n)));
    const hash = sha256?.slice(0, hashDigits) ?? `unreadable: ${error ?? '?'}`;
    return [...numbers, hash, visible(file.path)];
  });
  const all = [['bytes', 'lines', 'words', 'sha256', 'file'], ...rows];
  const widths = [0, 1, 2, 3].map((column) =>
    all.reduce((width, row) => Math.max(width, row[column]?.length ?? 0), 0),
  );
  const lines = all.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column < 3 ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  '),
  );
  return [...lines, '', ...notes(report), `${report.files.length} files`].join('\n');
}

function notes({ remaining, unreadableFolders, totalBytes }: FilesReport): string[] {
  return [
    ...unreadableFolders.map((folder) => `The folder ${visible(folder)} could not be read`),
    ...(remaining > 0 ? [`${remaining} more files remain: raise maxFiles to read them too`] : []),
    `${totalBytes} bytes`,
  ];
}

/** Names may hold line breaks and worse; each stays one harmless piece of a line. */
function visible(path: string): string {
  return path.replace(
    /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu,
    (char) => `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}
