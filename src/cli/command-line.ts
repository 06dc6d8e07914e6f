/** A command line, divided at its first `--`. */
export interface CommandLine {
  /** Words for sallyport itself. */
  readonly own: readonly string[];
  /** The command line of a child process: what follows `--`. */
  readonly child: readonly string[] | undefined;
}

/** `--` means the same in every command: what follows it is started as a server over stdio. */
export function splitCommandLine(words: readonly string[]): CommandLine {
  const at = words.indexOf('--');
  if (at < 0) return { own: words, child: undefined };
  return { own: words.slice(0, at), child: words.slice(at + 1) };
}
