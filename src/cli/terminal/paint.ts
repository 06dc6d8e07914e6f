import { plainText } from '../../transports/stdio/plain-text.js';

/** Puts text into colours, or leaves it as it is. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

export function createPaint(hasColor: boolean): Paint {
  const style = (open: number, close: number) => (text: string) =>
    hasColor ? `\x1b[${open}m${text}\x1b[${close}m` : text;
  return {
    bold: style(1, 22),
    dim: style(2, 22),
    red: style(31, 39),
    yellow: style(33, 39),
    cyan: style(36, 39),
  };
}

/** A stranger's text as one harmless line. */
export function oneLine(text: string, lengthMax = 1000): string {
  return plainText(text.slice(0, lengthMax)).replace(/\s+/g, ' ').trim();
}
