import { PassThrough } from 'node:stream';
import { expect, test, vi } from 'vitest';
import { createProgressView, type ProgressView } from '../../../src/cli/terminal/progress.js';

interface Drawn {
  readonly view: ProgressView;
  readonly written: () => string;
  /** What a terminal would show as its last line. */
  readonly shown: () => string;
  pass(ms: number): void;
}

function draw(canRedraw: boolean): Drawn {
  let now = 0;
  let written = '';
  const stream = new PassThrough();
  stream.on('data', (chunk: Buffer) => (written += chunk.toString()));
  const surface = { canRedraw, hasColor: false, hasUnicode: false };
  return {
    view: createProgressView({ stream, surface, now: () => now }),
    written: () => written,
    shown: () => withoutControls(written.split('\n').at(-1)?.split('\r').at(-1) ?? ''),
    pass: (ms) => void (now += ms),
  };
}

const withoutControls = (text: string): string => text.replace(/\x1b\[[?0-9]*[a-zA-Z]/g, '');

test('a bar is drawn over and over in one line', () => {
  const { view, written, shown, pass } = draw(true);
  view.update({ done: 1, of: 4, message: 'a.txt' });
  expect(shown()).toBe('[######------------------]  25% 1/4 a.txt');
  pass(50);
  view.update({ done: 4, of: 4, message: 'd.txt' });
  expect(shown()).toBe('[########################] 100% 4/4 d.txt');
  expect(written()).not.toContain('\n');
});

test('a line goes above the bar', () => {
  const { view, written, shown } = draw(true);
  view.update({ done: 1, of: 2 });
  view.line('hello');
  expect(withoutControls(written())).toContain('\rhello\n');
  expect(shown()).toContain('50% 1/2');
});

test('the end and a pause take the bar away', () => {
  const { view, shown, pass } = draw(true);
  view.update({ done: 1, of: 2 });
  view.pause();
  expect(shown()).toBe('');
  pass(100);
  view.update({ done: 2, of: 2 });
  expect(shown()).toBe('');
  view.resume();
  expect(shown()).toContain('2/2');
  view.end();
  expect(shown()).toBe('');
});

test('lines that come while somebody is asked are shown afterwards', () => {
  const { view, written } = draw(false);
  view.pause();
  view.line('meanwhile');
  expect(written()).toBe('');
  view.resume();
  expect(written()).toBe('meanwhile\n');
});

test('more updates than frames: the last one is drawn all the same', () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  try {
    const { view, written, shown } = draw(true);
    for (let done = 1; done <= 1000; done++) view.update({ done, of: 1000 });
    expect(written().split('\r')).toHaveLength(2);
    vi.runAllTimers();
    expect(shown()).toContain('1000/1000');
  } finally {
    vi.useRealTimers();
  }
});

test('a message cannot control the terminal', () => {
  const { view, written } = draw(true);
  view.update({ done: 1, of: 2, message: 'a\x1b[2Jb\r\nc\u202ed\x07' });
  expect(withoutControls(written())).toContain('ab cd');
  expect(written()).not.toContain('\x1b[2J');
  expect(written()).not.toContain('\x07');
});

test('elsewhere a line for each tenth, and for silence that ends', () => {
  const { view, written, pass } = draw(false);
  for (let done = 1; done <= 100; done++) view.update({ done, of: 100 });
  expect(written().split('\n').filter(Boolean)).toHaveLength(11);
  view.update({ done: 100, of: 100 });
  expect(written().split('\n').filter(Boolean)).toHaveLength(11);
  pass(5000);
  view.update({ done: 100, of: 100, message: 'still here' });
  expect(written()).toContain('still here');
  expect(written()).not.toContain('\x1b');
});

test('work whose total nobody knows is counted', () => {
  const { view, written, pass } = draw(false);
  view.update({ done: 1 });
  view.update({ done: 2 });
  pass(5000);
  view.update({ done: 2.25, message: 'x' });
  expect(written()).toBe('1 done\n2.3 done x\n');
});
