import { escapeUnseen, hasUnseen } from '../../transports/stdio/plain-text.js';

/**
 * A stranger's text on one line such that no two texts look alike: whole, and in quotes with
 * escapes when anything in it could not be seen, or could be taken for something else.
 */
export function exactly(text: string): string {
  const isPlain = text !== '' && !hasUnseen(text) && !misleading.test(text);
  return isPlain ? text : quoted(text);
}

export function quoted(text: string): string {
  return escapeUnseen(JSON.stringify(text), escaped);
}

const misleading = /^[" ]| $| {2}/;

/** As JSON has it. */
export function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, at) => {
    return `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
  }).join('');
}
