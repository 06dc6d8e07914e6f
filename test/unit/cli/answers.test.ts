import { expect, test } from 'vitest';
import { createAnswers } from '../../../src/cli/answers.js';
import { createPaint } from '../../../src/cli/terminal/paint.js';
import type { Prompter } from '../../../src/cli/terminal/prompter.js';
import type { Reporter } from '../../../src/cli/terminal/reporter.js';
import type { ElicitRequestFormParams } from '../../../src/protocol/modern.types.js';

interface Asked {
  readonly answers: ReturnType<typeof createAnswers>;
  readonly said: string[];
  readonly notes: string[];
}

/** `typed` is what the person enters, line by line; undefined is Ctrl-D. */
function ask(
  typed: readonly (string | undefined)[] | 'nobody',
  given: { readonly [name: string]: string } = {},
): Asked {
  const said: string[] = [];
  const notes: string[] = [];
  const lines = typed === 'nobody' ? [] : [...typed];
  const prompter: Prompter = {
    say: (line) => void said.push(line),
    ask(question) {
      said.push(question);
      return Promise.resolve(lines.shift());
    },
  };
  const nothing = (): void => undefined;
  const reporter: Reporter = {
    progress: nothing,
    log: nothing,
    childLine: nothing,
    note: (text) => void notes.push(text),
    failed: nothing,
    makeRoom: () => nothing,
    end: nothing,
  };
  const answers = createAnswers({
    given,
    prompter: typed === 'nobody' ? undefined : prompter,
    reporter,
    paint: createPaint(false),
  });
  return { answers, said, notes };
}

const form: ElicitRequestFormParams = {
  message: 'Who\x1b[2J are you?',
  requestedSchema: {
    type: 'object',
    properties: {
      name: { type: 'string', title: 'Your name', minLength: 2 },
      age: { type: 'integer', minimum: 0, maximum: 150 },
      color: {
        type: 'string',
        oneOf: [
          { const: 'r', title: 'Red' },
          { const: 'g', title: 'Green' },
        ],
      },
      tags: { type: 'array', items: { type: 'string', enum: ['a', 'b', 'c'] } },
      ok: { type: 'boolean', default: true },
    },
    required: ['name', 'age'],
  },
};

test('a form is asked field by field, again where an answer does not fit', async () => {
  const { answers, said } = ask(['A', 'Ada', 'x', '200', '30', '2', '1, c', 'n']);
  expect(await answers.form?.(form)).toEqual({
    name: 'Ada',
    age: 30,
    color: 'g',
    tags: ['a', 'c'],
    ok: false,
  });
  expect(said).toContain('The server asks: Who are you?');
  expect(said).toContain('    2) g Green');
  expect(said).toContain('  age (integer, 0 to 150): ');
  expect(said).toContain('    "age" must be a whole number, not "x".');
  expect(said.filter((line) => line.includes('Your name:'))).toHaveLength(2);
});

test('what may be left out is left out', async () => {
  const { answers } = ask(['Ada', '30', '', '', '']);
  expect(await answers.form?.(form)).toEqual({ name: 'Ada', age: 30 });
});

test('the end of input declines', async () => {
  expect(await ask(['Ada', undefined]).answers.form?.(form)).toBe('decline');
});

test('what was given is not asked', async () => {
  const { answers, said } = ask(['', '', ''], { name: 'Ada', age: '30' });
  expect(await answers.form?.(form)).toEqual({ name: 'Ada', age: 30 });
  expect(said.join()).not.toContain('Your name');
});

test('where nobody can be asked, only a complete answer is one', async () => {
  const complete = ask('nobody', { name: 'Ada', age: '30' });
  expect(await complete.answers.form?.(form)).toEqual({ name: 'Ada', age: 30 });
  const partial = ask('nobody', { name: 'Ada' });
  expect(await partial.answers.form?.(form)).toBe('decline');
  expect(partial.notes).toEqual([expect.stringContaining('asked "Who are you?"')]);
  const wrong = ask('nobody', { name: 'Ada', age: '-1' });
  expect(await wrong.answers.form?.(form)).toBe('decline');
  expect(wrong.notes[0]).toContain('--answer age');
});

test('a URL is shown in full, and only a clear yes is one', async () => {
  const url = `https://user@example.com/${'x'.repeat(2000)}`;
  const question = { mode: 'url', message: 'Log in', url } as const;
  const agreed = ask(['y']);
  expect(await agreed.answers.url?.(question)).toBe(true);
  expect(agreed.said).toContain(`    ${url}`);
  expect(await ask(['']).answers.url?.(question)).toBe(false);
  expect(await ask([undefined]).answers.url?.(question)).toBe(false);
  const nobody = ask('nobody');
  expect(await nobody.answers.url?.(question)).toBe('decline');
  expect(nobody.notes[0]).toContain(url);
});

test('questions that come together are asked one after the other', async () => {
  const { answers, said } = ask(['Ada', '1', '', '', '', 'Bob', '2', '', '', '']);
  const both = await Promise.all([answers.form?.(form), answers.form?.(form)]);
  expect(both).toEqual([
    { name: 'Ada', age: 1 },
    { name: 'Bob', age: 2 },
  ]);
  expect(said.filter((line) => line.startsWith('The server asks'))).toHaveLength(2);
});
