/**
 * A server with one tool that takes its time: it reads every file of a folder and says after each
 * how far it is. Served over HTTP by start.ts, or by hand:
 *
 *   sallyport serve examples/files/server.ts
 *   sallyport call process_files dir=src -- sallyport serve examples/files/server.ts --stdio
 *
 * Callers see what is below one folder and nothing else: FILES_ROOT, or the working directory.
 */
import { createServer, type Server, ToolError, toolResult } from 'sallyport';
import { z } from 'zod';
import { folderWithin } from './folder-within.js';
import { measureFile } from './measure-file.js';
import { renderTable } from './table.js';
import { walk } from './walk.js';

const input = z.object({
  dir: z.string().default('.').describe('A folder, relative to the one that is served'),
  maxFiles: z.int().min(1).max(10_000).default(5000).describe('Read no more files than this'),
});

const fileReport = z.object({
  path: z.string().describe('Relative to dir'),
  bytes: z.int().optional(),
  lines: z.int().optional().describe('Line ends in the file, as wc counts them'),
  words: z.int().optional(),
  sha256: z.string().optional(),
  error: z
    .string()
    .optional()
    .describe('Why the file could not be read; then nothing else is here'),
});

const output = z.object({
  dir: z.string(),
  files: z.array(fileReport),
  totalBytes: z.int(),
  remaining: z.int().describe('Files beyond maxFiles that were not read'),
  unreadableFolders: z.array(z.string()),
});

export type FilesReport = z.infer<typeof output>;

export function createFilesServer(root: string): Server {
  const server = createServer({
    name: 'files',
    version: '1.0.0',
    instructions: 'process_files measures every file of a folder; it reports progress.',
  });
  const description =
    'Reads every file of a folder and reports size, lines, words and SHA-256 of each. ' +
    'Leaves out .git, node_modules, dist and build, and does not follow links.';

  server.tool('process_files', { description, input, output }, async ({ dir, maxFiles }, call) => {
    const folder = await folderWithin(root, dir);
    if (folder === undefined) throw new ToolError(`There is no folder "${dir}" in what is served`);
    const { paths, remaining, unreadableFolders } = await walk(folder, maxFiles, call.signal);
    const files: FilesReport['files'] = [];
    let totalBytes = 0;
    try {
      for (const path of paths) {
        const file = { path, ...(await measureFile(folder, path, call.signal)) };
        files.push(file);
        totalBytes += file.bytes ?? 0;
        await call.log('info', { file: path, bytes: file.bytes, error: file.error }, 'files');
        await call.progress(files.length, { of: paths.length, message: path });
      }
    } catch (thrown) {
      if (call.signal.aborted) {
        console.error(
          `process_files stopped: cancelled after ${files.length} of ${paths.length} files`,
        );
      }
      throw thrown;
    }
    const structured = { dir, files, totalBytes, remaining, unreadableFolders };
    return toolResult({ content: renderTable(structured), structured });
  });
  return server;
}

export default createFilesServer(process.env['FILES_ROOT'] ?? process.cwd());
