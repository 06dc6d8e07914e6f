/** Of what somebody has to read before they agree. */
export const shownMax: number = 16 * 1024;

/**
 * A stranger's text on one line such that no two texts look alike: whole, and in quotes with
 * escapes when anything in it could not be seen, or could be taken for something else.
 */
export function exactly(text: string): string {
  const isPlain = text !== '' && text.search(unseen) < 0 && !misleading.test(text);
  return isPlain ? text : quoted(text);
}

export function quoted(text: string): string {
  return JSON.stringify(text).replace(unseen, escaped);
}

// Control and format characters, separators of lines, and spaces that are none.
const unseen = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu;
const misleading = /^[" ]| $| {2}/;

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, at) => {
    return `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
  }).join('');
}
