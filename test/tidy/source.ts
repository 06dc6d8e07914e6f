/** The files of this repository as text and as syntax trees, for the rules beside this file. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseSync, type ParseResult } from 'oxc-parser';

export const root: string = fileURLToPath(new URL('../../', import.meta.url));

export interface Source {
  /** Relative to the folder that was read, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly tree: ParseResult;
}

/** Every TypeScript file under `folder` of the repository. */
export function readSources(folder: string): Source[] {
  const names = existsSync(root + folder)
    ? readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
    : [];
  return names
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.ts'))
    .toSorted()
    .map((name) => sourceOf(name, readFileSync(`${root}${folder}/${name}`, 'utf8')));
}

export function sourceOf(path: string, text: string): Source {
  return { path, text, tree: parseSync(path, text) };
}

/** What git tracks or would track, so that ignored build output is never judged. */
export function trackedFiles(): string[] {
  const listed = execFileSync(
    'git',
    ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    { cwd: root, encoding: 'utf8' },
  );
  return listed.split('\0').filter((path) => path !== '' && existsSync(root + path));
}

export function lineOf(source: Source, offset: number): number {
  return source.text.slice(0, offset).split('\n').length;
}

/** The text with every comment blanked out, so that a comment is never mistaken for code. */
export function codeOf(source: Source): string {
  let code = source.text;
  for (const { start, end } of source.tree.comments) {
    code = code.slice(0, start) + ' '.repeat(end - start) + code.slice(end);
  }
  return code;
}
