/** One session of one caller, as a key of a map. */
export function sessionKey(principal: string, session: string): string {
  // The length keeps apart what a space alone would not.
  return `${session.length} ${session} ${principal}`;
}
