/** What a stream can show, judged once from its kind, the environment and the user's options. */
export interface Surface {
  /** Lines may be drawn over, so a progress bar is possible. */
  readonly canRedraw: boolean;
  readonly hasColor: boolean;
  readonly hasUnicode: boolean;
}

export interface SurfaceOptions {
  readonly isTty: boolean;
  readonly env: { readonly [name: string]: string | undefined };
  /** No bar and no colour, whatever the stream is. */
  readonly plain?: boolean;
  readonly color?: boolean;
}

/** See no-color.org and force-color.org; an option of the command line beats both. */
export function readSurface({ isTty, env, plain, color }: SurfaceOptions): Surface {
  const isDumb = env['TERM'] === 'dumb';
  const canRedraw = isTty && !isDumb && plain !== true && !isSet(env['CI']);
  return { canRedraw, hasColor: readColor(), hasUnicode: isUtf8(env) };

  function readColor(): boolean {
    if (plain === true || color === false) return false;
    const forced = env['FORCE_COLOR'];
    if (forced !== undefined) return forced !== '0' && forced !== 'false';
    if (isSet(env['NO_COLOR'])) return false;
    return isTty && !isDumb;
  }
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false';
}

function isUtf8(env: SurfaceOptions['env']): boolean {
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'];
  // Without a locale only Windows terminals are sure to show more than ASCII.
  return locale === undefined ? process.platform === 'win32' : /utf-?8/i.test(locale);
}
