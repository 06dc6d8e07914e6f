import type { Writable } from 'node:stream';
import { oneLine } from './paint.js';
import type { Surface } from './surface.js';

export interface ProgressUpdate {
  readonly done: number;
  readonly of?: number;
  readonly message?: string;
}

/** Progress on a stream that also gets lines: a bar in a terminal, or now and then a line. */
export interface ProgressView {
  update(update: ProgressUpdate): void;
  /** Prints a line; a bar stays below it. */
  line(text: string): void;
  /** Takes the bar away and keeps lines back while somebody is asked, until `resume`. */
  pause(): void;
  resume(): void;
  /** Takes the bar away for good. */
  end(): void;
}

export interface ProgressViewOptions {
  readonly stream: Writable & { readonly columns?: number };
  readonly surface: Surface;
  /** Milliseconds of any clock that only goes forward. */
  readonly now?: () => number;
}

export function createProgressView(options: ProgressViewOptions): ProgressView {
  return keepingBack(options.surface.canRedraw ? bar(options) : lines(options));
}

const linesKeptMax = 1000;

/** While somebody types, nothing may be written into what they type. */
function keepingBack(view: ProgressView): ProgressView {
  let kept: string[] | undefined;
  return {
    ...view,
    line(text) {
      if (kept === undefined) return view.line(text);
      if (kept.length < linesKeptMax) kept.push(text);
    },
    pause() {
      kept ??= [];
      view.pause();
    },
    resume() {
      const back = kept ?? [];
      kept = undefined;
      view.resume();
      for (const text of back) view.line(text);
    },
  };
}

const redrawMs = 50;
const eraseLine = '\r\x1b[2K';
// With wrapping off a long line ends at the margin, whatever the width of its characters.
const wrapOff = '\x1b[?7l';
const wrapOn = '\x1b[?7h';

function bar({
  stream,
  surface,
  now = () => performance.now(),
}: ProgressViewOptions): ProgressView {
  let latest: ProgressUpdate | undefined;
  let isDrawn = false;
  let isPaused = false;
  let drawnAt = -Infinity;
  let timer: NodeJS.Timeout | undefined;

  const draw = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (latest === undefined || isPaused) return;
    drawnAt = now();
    isDrawn = true;
    const width = Math.max(20, stream.columns ?? 80);
    const text = barText(latest, surface.hasUnicode).slice(0, width * 2);
    stream.write(`${eraseLine}${wrapOff}${text}${wrapOn}`);
  };
  const erase = (): string => {
    if (!isDrawn) return '';
    isDrawn = false;
    return eraseLine;
  };

  return {
    update(update) {
      latest = update;
      const waitMs = drawnAt + redrawMs - now();
      if (waitMs <= 0) draw();
      // The last state before a silence is shown too.
      else timer ??= setTimeout(draw, waitMs).unref();
    },
    line(text) {
      const wasDrawn = isDrawn;
      stream.write(`${erase()}${text}\n`);
      if (wasDrawn) draw();
    },
    pause() {
      isPaused = true;
      stream.write(erase());
    },
    resume() {
      isPaused = false;
      draw();
    },
    end() {
      clearTimeout(timer);
      latest = undefined;
      stream.write(erase());
    },
  };
}

const lineStep = 0.1;
const lineMs = 5000;

/** A line at each tenth of the way, and one every few seconds where a tenth takes long. */
function lines({ stream, now = () => performance.now() }: ProgressViewOptions): ProgressView {
  let shownPart = -Infinity;
  let shownAt = -Infinity;
  return {
    update(update) {
      const part = partOf(update) ?? -Infinity;
      const isStep = part - shownPart >= lineStep || (part === 1 && shownPart < 1);
      if (!isStep && now() - shownAt < lineMs) return;
      [shownPart, shownAt] = [part, now()];
      stream.write(`${counted(update)}${said(update)}\n`);
    },
    line: (text) => void stream.write(`${text}\n`),
    pause: () => undefined,
    resume: () => undefined,
    end: () => undefined,
  };
}

const cells = 24;

function barText(update: ProgressUpdate, hasUnicode: boolean): string {
  const part = partOf(update);
  if (part === undefined) return `${counted(update)}${said(update)}`;
  const [full, empty] = hasUnicode ? ['█', '░'] : ['#', '-'];
  const filled = Math.floor(part * cells);
  const drawn = full.repeat(filled) + empty.repeat(cells - filled);
  return `${hasUnicode ? drawn : `[${drawn}]`} ${counted(update)}${said(update)}`;
}

function counted(update: ProgressUpdate): string {
  const part = partOf(update);
  if (part === undefined) return `${short(update.done)} done`;
  const percent = `${Math.floor(part * 100)}%`.padStart(4);
  return `${percent} ${short(update.done)}/${short(update.of ?? 0)}`;
}

function said({ message }: ProgressUpdate): string {
  return message === undefined ? '' : ` ${oneLine(message)}`;
}

/** How much is done, 0 to 1; unknown without a total. */
function partOf({ done, of }: ProgressUpdate): number | undefined {
  if (of === undefined || !(of > 0)) return undefined;
  return Math.min(1, Math.max(0, done / of));
}

function short(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(1);
}
