/** Which tests cite which rows of `test/requirements.ts`, and where they run; read from the text. */
import { readdirSync, readFileSync } from 'node:fs';
import {
  type Argument,
  type CallExpression,
  type Expression,
  type Statement,
  Visitor,
} from 'oxc-parser';
import { type Era, eraOf, legacyRevisions, type Revision } from '../../src/protocol/revisions.js';
import { type Cell, cellsOf, type Where } from '../../src/testing/matrix.js';
import { raw } from '../matrix/raw-peer.js';
import { lineOf, readSources, root, type Source } from './source.js';

/** A transport and an era; undefined stands for code that all of them share. */
interface Place {
  readonly on: 'stdio' | 'http';
  readonly era: Era;
  /** Known for tests of the matrix only. */
  readonly revision?: Revision;
}

export interface Citation {
  readonly row: string;
  /** File and line. */
  readonly at: string;
  /** By cells of the matrix, by what the table below says of the file, or not known at all. */
  readonly known: 'by cells' | 'by file' | 'not';
  readonly places: readonly Place[];
}

const both: readonly Era[] = ['modern', 'legacy'];
const onPipes = both.map((era): Place => ({ on: 'stdio', era }));
const overHttp = both.map((era): Place => ({ on: 'http', era }));

/** What plain tests talk to, by the beginning of their path; the first that fits counts. */
const placesOfFiles: readonly (readonly [prefix: string, places: readonly Place[]])[] = [
  ['test/unit/transports/stdio/', onPipes],
  ['test/unit/transports/http', overHttp],
  ['test/unit/client/era-stdio', onPipes],
  ['test/unit/auth/', overHttp],
  ['test/unit/cli/', onPipes],
  ['test/hostile/', overHttp],
  ['test/matrix/bad-input-pipe', onPipes],
  ['test/matrix/child/', onPipes],
  ['test/matrix/cli/', onPipes],
  ['test/matrix/rules-stdio', onPipes],
  ['test/matrix/bad-input-http', overHttp],
  ['test/matrix/rules-http', overHttp],
  ['test/matrix/resume', overHttp.filter(({ era }) => era === 'legacy')],
  ['test/matrix/sessions', overHttp.filter(({ era }) => era === 'legacy')],
  ['test/interop/', [...onPipes, ...overHttp]],
];

export function readCitations(): Citation[] {
  const sources = readSources('test').map((source) => ({ ...source, path: `test/${source.path}` }));
  return [...sources.flatMap(citationsIn), ...citationsOfTapes()];
}

/** Citations in one file: `cites(…)` above a test, and members `cites` of groups of attacks. */
export function citationsIn(source: Source): Citation[] {
  const found: Citation[] = [];
  const constants = constantsOf(source);
  const plain = placesOfFiles.find(([prefix]) => source.path.startsWith(prefix))?.[1];
  const add = (rows: unknown, start: number, cells: readonly Place[] | undefined): void => {
    const at = `${source.path}:${lineOf(source, start)}`;
    if (!Array.isArray(rows) || !rows.every((row) => typeof row === 'string')) {
      throw new Error(`${at} does not cite by plain strings`);
    }
    const known = cells !== undefined ? 'by cells' : plain !== undefined ? 'by file' : 'not';
    const places = cells ?? plain ?? [];
    found.push(...rows.map((row: string): Citation => ({ row, at, known, places })));
  };
  const readBlock = ({ body }: { readonly body: readonly Statement[] }): void => {
    for (const [at, statement] of body.entries()) {
      const call = callOf(statement);
      if (call === undefined || calleeOf(call) !== 'cites') continue;
      // Several may stand above one test.
      const shown = body
        .slice(at)
        .map(callOf)
        .find((one) => !one || calleeOf(one) !== 'cites');
      const runner = shown && calleeOf(shown);
      if (shown === undefined || runner === undefined || !runners.has(runner)) {
        const place = `${source.path}:${lineOf(source, statement.start)}`;
        throw new Error(`${place} does not stand above a test`);
      }
      const rows = call.arguments.map((arg) => evaluate(arg, constants));
      add(rows, statement.start, runner === 'matrix' ? cellsOfTest(shown, constants) : undefined);
    }
  };
  new Visitor({
    Program: readBlock,
    BlockStatement: readBlock,
    Property({ key, value, start }) {
      if (key.type !== 'Identifier' || key.name !== 'cites') return;
      if (value.type === 'ArrayExpression') add(evaluate(value, constants), start, undefined);
    },
  }).visit(source.tree.program);
  return found;
}

const runners: ReadonlySet<string> = new Set(['test', 'describe', 'matrix']);

function callOf(statement: Statement | undefined): CallExpression | undefined {
  if (statement?.type !== 'ExpressionStatement') return undefined;
  return statement.expression.type === 'CallExpression' ? statement.expression : undefined;
}

/** `test` for `test(…)`, `test.each(…)(…)` and the like. */
function calleeOf({ callee }: CallExpression): string | undefined {
  let inner: Expression = callee;
  while (inner.type === 'CallExpression' || inner.type === 'MemberExpression') {
    inner = inner.type === 'CallExpression' ? inner.callee : inner.object;
  }
  return inner.type === 'Identifier' ? inner.name : undefined;
}

function cellsOfTest({ arguments: args }: CallExpression, constants: Constants): readonly Place[] {
  const where = args.length < 3 ? {} : (evaluate(args[1]!, constants) as Where | undefined);
  if (where === undefined) {
    const title = String(evaluate(args[0]!, constants));
    throw new Error(`Where "${title}" runs cannot be read`);
  }
  return cellsOf(where).flatMap(placeOf);
}

function placeOf({ transport, revision, era }: Cell): Place[] {
  if (transport === 'memory') return [];
  return [{ on: transport === 'stdio' ? 'stdio' : 'http', era, revision }];
}

type Constants = ReadonlyMap<string, Expression>;

function constantsOf({ tree }: Source): Constants {
  const constants = new Map<string, Expression>();
  for (const statement of tree.program.body) {
    if (statement.type !== 'VariableDeclaration') continue;
    for (const { id, init } of statement.declarations) {
      if (id.type === 'Identifier' && init !== null) constants.set(id.name, init);
    }
  }
  return constants;
}

/** What tests of the matrix take from elsewhere to say where they run. */
const imported: { readonly [name: string]: unknown } = { legacyRevisions, raw };

/** The value of a plain literal; what is none, such as options of a server, is undefined. */
function evaluate(node: Expression | Argument, constants: Constants): unknown {
  if (node.type === 'Literal') return node.value;
  if (node.type === 'TSAsExpression') return evaluate(node.expression, constants);
  if (node.type === 'Identifier') {
    const init = constants.get(node.name);
    return init === undefined ? imported[node.name] : evaluate(init, constants);
  }
  if (node.type === 'ArrayExpression') {
    return node.elements.flatMap((element): unknown[] => {
      if (element === null) return [];
      if (element.type !== 'SpreadElement') return [evaluate(element, constants)];
      return evaluate(element.argument, constants) as unknown[];
    });
  }
  if (node.type !== 'ObjectExpression') return undefined;
  const value: { [name: string]: unknown } = {};
  for (const member of node.properties) {
    if (member.type === 'SpreadElement') {
      Object.assign(value, evaluate(member.argument, constants));
    } else if (member.key.type === 'Identifier') {
      value[member.key.name] = evaluate(member.value, constants);
    }
  }
  return value;
}

/** Tapes cite by a line `# cites cancel/silence`. */
function citationsOfTapes(): Citation[] {
  return both.flatMap((era) =>
    readdirSync(`${root}test/tapes/${era}`)
      .filter((name) => name.endsWith('.tape'))
      .flatMap((name) => {
        const path = `test/tapes/${era}/${name}`;
        const lines = readFileSync(root + path, 'utf8').split('\n');
        const on = lines.some((line) => /^> [A-Z]/.test(line)) ? 'http' : 'stdio';
        return lines.flatMap((line, at) =>
          (/^# cites (.+)$/.exec(line)?.[1]?.split(', ') ?? []).map((row): Citation => ({
            row,
            at: `${path}:${at + 1}`,
            known: 'by file',
            places: [{ on, era }],
          })),
        );
      }),
  );
}

/** Whether a place is one where a row of these revisions counts. */
export function isWithin(place: Place, from: Revision, to: Revision): boolean {
  const { revision } = place;
  if (revision !== undefined) return from <= revision && revision <= to;
  return place.era === 'modern' ? eraOf(to) === 'modern' : eraOf(from) === 'legacy';
}
