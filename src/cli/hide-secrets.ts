/** Takes secrets that stand literally in a configuration out of what is shown of it. */
import { hidden, isSecretName } from '../transports/stdio/secrets.js';

/** Credentials that are known by how they look, and those within addresses. */
export function hideInText(text: string): string {
  const shown = text.replace(addresses, hideInAddress);
  return known.reduce((before, pattern) => before.replace(pattern, hidden), shown);
}

/**
 * The same for the words of a command line, where what follows a flag such as `--api-key` is a
 * secret, too. `mark` stands in its place.
 */
export function hideInWords(words: readonly string[], mark: string = hidden): readonly string[] {
  return words.map((word, at) => {
    const before = words[at - 1] ?? '';
    if (isSecretFlag(before) && !word.startsWith('-') && !isReference(word)) return mark;
    const [, name = '', value = ''] = /^([\w.-]{1,64}(?:=|:(?!\/\/)\s*))(.+)$/s.exec(word) ?? [];
    const isHidden = isSecretOption(name) && !isReference(value);
    return isHidden ? name + mark : hideInText(word).replaceAll(hidden, mark);
  });
}

/** A header, or the value of a variable, as far as it is no reference to a variable. */
export function hideValue(name: string, value: string): string {
  if (!isSecretOption(name)) return hideInText(value);
  // In a header the name of a scheme comes before the credential.
  const [, scheme = '', rest = ''] = /^((?:[a-z]{1,16} )?)(.*)$/is.exec(value) ?? [];
  return rest === '' ? value : scheme + (isReference(rest) ? rest : hidden);
}

// Nothing here is tried again at every place of a long text: all beginnings are short.
const addresses = /\b[a-z][a-z0-9+.-]{0,20}:\/\/[^\s"'<>]+/gi;
const known = [
  /\b(?:gh[oprsu]_|github_pat_|glpat-|xox[a-z]-|xapp-)[\w-]{8,}/g,
  /\b(?:hf|npm)_[A-Za-z0-9]{20,}/g,
  /\b(?:sk|rk|pk)[-_](?=[\w-]{0,64}\d)[\w-]{8,}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{12,}|\bAIza[\w-]{20,}/g,
  /\beyJ[\w-]{8,512}\.[\w-]{8,}(?:\.[\w-]*)?/g,
];

function hideInAddress(address: string): string {
  const start = address.indexOf('://') + 3;
  const end = start + address.slice(start).search(/[/?#]|$/);
  const authority = address.slice(start, end);
  const user = authority.lastIndexOf('@');
  const host =
    user < 0 || isReference(authority.slice(0, user)) ? authority : hidden + authority.slice(user);
  const rest = address.slice(end).replace(parameters, (whole, mark: string, name: string) => {
    const value = whole.slice(mark.length + name.length + 1);
    return isSecretParameter(name) && !isReference(value) ? `${mark}${name}=${hidden}` : whole;
  });
  return address.slice(0, start) + host + rest;
}

const parameters = /([?&#;])([^=&#;]{1,128})=[^&#;]+/g;

function isSecretParameter(name: string): boolean {
  return isSecretOption(name) || /^(?:sig|signature|code|jwt)$/i.test(name);
}

const isSecretFlag = (word: string): boolean =>
  word.startsWith('-') && !word.includes('=') && isSecretOption(word);

const isSecretOption = (name: string): boolean => isSecretName(name) || /authorization/i.test(name);

/** What is filled in later shows nothing yet. */
function isReference(value: string): boolean {
  return /^\$\{(?:env:|input:)?[\w.-]+\}$/.test(value);
}
