/**
 * What a child process printed, fit to be shown: without terminal sequences, without control
 * characters other than newline and tab, and without marks that reverse the direction of text.
 */
export function plainText(text: string): string {
  return text.replace(terminalSequence, '').replace(controlCharacter, '');
}

// ECMA-48: a control sequence, or an operating system command up to its terminator.
const terminalSequence = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)?/g;
const controlCharacter = /[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

/** Whether a text has what could not be seen in it, or would look like something else. */
export function hasUnseen(text: string): boolean {
  return text.search(unseen) >= 0;
}

/** For texts of which no two may look alike. */
export function escapeUnseen(text: string, escape: (character: string) => string): string {
  return text.replace(unseen, escape);
}

// Control and format characters, what takes no room, separators of lines, spaces that are none.
const unseen = /[\p{C}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;
