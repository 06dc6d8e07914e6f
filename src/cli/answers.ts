import type { Answers, FormAnswer, UrlAnswer } from '../client/answers.js';
import { compileSchema, type CompiledSchema } from '../json-schema/compile.js';
import { defaultLimits } from '../limits.js';
import type {
  ElicitRequestFormParams,
  ElicitRequestURLParams,
  PrimitiveSchemaDefinition,
} from '../protocol/modern.types.js';
import { coerce, isList } from './coerce.js';
import { Failure } from './failure.js';
import { choicesOf, questionFor } from './form-field.js';
import { oneLine, type Paint } from './terminal/paint.js';
import type { Prompter } from './terminal/prompter.js';
import type { Reporter } from './terminal/reporter.js';

export interface AnswersOptions {
  /** What `--answer name=text` gave. */
  readonly given: { readonly [name: string]: string };
  /** Asks the person at the terminal; absent where nobody can be asked. */
  readonly prompter: Prompter | undefined;
  readonly reporter: Reporter;
  readonly paint: Paint;
}

/** Answers a server's questions from `--answer`, from the person at the terminal, or with a no. */
export function createAnswers(options: AnswersOptions): Answers {
  // Questions that came together are asked one after the other.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(ask: () => Promise<T>): Promise<T> => {
    const mine = last.then(ask);
    last = mine.catch(() => undefined);
    return mine;
  };
  return {
    form: (question) => inTurn(() => answerForm(question, options)),
    url: (question) => inTurn(() => answerUrl(question, options)),
  };
}

type Fields = readonly (readonly [name: string, schema: PrimitiveSchemaDefinition])[];

async function answerForm(
  question: ElicitRequestFormParams,
  options: AnswersOptions,
): Promise<FormAnswer> {
  const { given, prompter, reporter } = options;
  const { properties, required = [] } = question.requestedSchema;
  const fields: Fields = Object.entries(properties);
  const answer: [name: string, value: unknown][] = [];
  const open: Fields[number][] = [];
  for (const [name, schema] of fields) {
    const text = Object.hasOwn(given, name) ? given[name] : undefined;
    const value = text === undefined ? undefined : readField(name, text, schema);
    if (value instanceof Failure) {
      reporter.note(`--answer ${name}: ${value.message}`);
      return decline(question, options);
    }
    if (value === undefined) open.push([name, schema]);
    else answer.push([name, value]);
  }
  if (prompter === undefined) {
    const isAnswered = answer.length > 0 && !open.some(([name]) => required.includes(name));
    return isAnswered ? Object.fromEntries(answer) : decline(question, options);
  }
  if (open.length > 0) {
    const typed = await askFields(question, open, prompter, options);
    if (typed === 'decline') return 'decline';
    answer.push(...typed);
  }
  return Object.fromEntries(answer);
}

async function askFields(
  { message, requestedSchema }: ElicitRequestFormParams,
  fields: Fields,
  prompter: Prompter,
  { reporter, paint }: AnswersOptions,
): Promise<'decline' | [name: string, value: unknown][]> {
  const makeBack = reporter.makeRoom();
  try {
    prompter.say(`${paint.bold('The server asks:')} ${oneLine(message)}`);
    prompter.say(paint.dim('Enter takes what is in brackets; Ctrl-D declines.'));
    const answer: [name: string, value: unknown][] = [];
    for (const [name, schema] of fields) {
      const isRequired = requestedSchema.required?.includes(name) === true;
      const value = await askField(name, schema, isRequired, prompter, paint);
      if (value === 'decline') return 'decline';
      if (value !== undefined) answer.push([name, value.value]);
    }
    return answer;
  } finally {
    makeBack();
  }
}

/** Asks until the answer fits. Undefined: left out, so that its default holds. */
async function askField(
  name: string,
  schema: PrimitiveSchemaDefinition,
  isRequired: boolean,
  prompter: Prompter,
  paint: Paint,
): Promise<'decline' | { readonly value: unknown } | undefined> {
  for (const line of choicesOf(schema)) prompter.say(`    ${line}`);
  for (;;) {
    const text = await prompter.ask(`  ${questionFor(name, schema, isRequired)} `);
    if (text === undefined) return 'decline';
    if (text === '' && (schema.default !== undefined || !isRequired)) return undefined;
    const value = readField(name, text, schema);
    if (!(value instanceof Failure)) return { value };
    prompter.say(paint.yellow(`    ${oneLine(value.message)}`));
  }
}

/** The value that a text means for a field, or why it cannot be that. */
function readField(name: string, text: string, schema: PrimitiveSchemaDefinition): unknown {
  try {
    const value = coerce(name, pick(text, schema), schema, schema);
    const [issue] = checker(schema)?.check(value) ?? [];
    if (issue === undefined) return value;
    return new Failure('usage', `"${name}": ${issue.message}`, '');
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
}

// Choices may be given by their number in the list that was shown, and several with commas.
function pick(text: string, schema: PrimitiveSchemaDefinition): string {
  if (schema.type === 'boolean') return yesOrNo.get(text.trim().toLowerCase()) ?? text;
  const choices = choicesOf(schema, 'values');
  if (choices.length === 0) return text;
  const one = (part: string): string => choices[Number(part) - 1] ?? part;
  if (!isList(schema, schema)) return one(text.trim());
  return JSON.stringify(text.split(',').map((part) => one(part.trim())));
}

const yesOrNo: ReadonlyMap<string, string> = new Map([
  ['y', 'true'],
  ['yes', 'true'],
  ['n', 'false'],
  ['no', 'false'],
]);

function checker(schema: PrimitiveSchemaDefinition): CompiledSchema | undefined {
  const { schemaDepthMax, schemaNodesMax, schemaStepsMax } = defaultLimits;
  const bounds = { depthMax: schemaDepthMax, nodesMax: schemaNodesMax, stepsMax: schemaStepsMax };
  try {
    return compileSchema(schema, bounds, { assertFormat: true });
  } catch {
    // A form whose schema cannot be read is checked by the server that wrote it.
    return undefined;
  }
}

function decline(question: ElicitRequestFormParams, { reporter }: AnswersOptions): 'decline' {
  const names = Object.keys(question.requestedSchema.properties);
  reporter.note(
    `The server asked "${oneLine(question.message)}", and nobody is there to answer: declined. ` +
      `Run this in a terminal, or add ${names.map((n) => `--answer ${oneLine(n)}=…`).join(' ')}`,
  );
  return 'decline';
}

async function answerUrl(
  { message, url }: ElicitRequestURLParams,
  { prompter, reporter, paint }: AnswersOptions,
): Promise<UrlAnswer> {
  if (prompter === undefined) {
    reporter.note(
      `The server asked to open ${oneLine(url, urlLengthMax)} ("${oneLine(message)}"): declined. ` +
        'Run this in a terminal to decide.',
    );
    return 'decline';
  }
  const makeBack = reporter.makeRoom();
  try {
    prompter.say(`${paint.bold('The server asks you to open a page:')} ${oneLine(message)}`);
    // In full and by itself: the host is what tells whose page it is.
    prompter.say(`    ${paint.cyan(oneLine(url, urlLengthMax))}`);
    prompter.say(paint.dim('It is not opened for you. Check whose it is before you open it.'));
    const said = await prompter.ask('  Tell the server that you agree? [y/N] ');
    return said !== undefined && /^y(es)?$/i.test(said.trim());
  } finally {
    makeBack();
  }
}

const urlLengthMax = 8192;
