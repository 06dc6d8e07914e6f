/**
 * A stranger's text on one line such that no two texts look alike: whole, and in quotes with
 * escapes when anything in it could not be seen, or could be taken for something else.
 */
export function exactly(text: string): string {
  if (text !== '' && !unseen.test(text) && !misleading.test(text)) return text;
  return JSON.stringify(text).replace(unseenAll, escaped);
}

// Control and format characters, separators of lines, and spaces that are none.
const unseen = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;
const unseenAll = new RegExp(unseen.source, 'gu');
const misleading = /^[" ]| $| {2}/;

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, at) => {
    return `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
  }).join('');
}
