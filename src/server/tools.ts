import { McpError, ToolError } from '../errors.js';
import type { Io, Request, Result } from '../exchange.js';
import type { JsonObject } from '../json-rpc/message.js';
import { attempt, when } from '../platform/when.js';
import { compareParamHeaders, paramHeadersOf } from '../protocol/param-headers.js';
import type { Icon, ToolAnnotations } from '../protocol/modern.types.js';
import type { Call } from './call.js';
import { defined, failureOf, type Handler, type ServerParts } from './parts.js';
import { createRegistry, type Registration } from './registry.js';
import { isHidden, type Needed, readScopes, refuseWithout } from './scopes.js';
import { errorResult, toCallToolResult, ToolResult, type ToolReturn } from './results.js';
import { argumentsOf, InputRequired, type RoundEnd, type RunRound } from './rounds.js';
import {
  type AnySchema,
  type InputOf,
  type OutputOf,
  type ReadySchema,
  readySchema,
} from './schema.js';
import { type ReadyTask, readTaskOption, type TaskOption } from './tasks/task-options.js';

export interface ToolOptions<In extends AnySchema = AnySchema, Out extends AnySchema = AnySchema> {
  /** A name for people. */
  readonly title?: string;
  /** What the tool does, for the model. */
  readonly description?: string;
  /** The arguments: an object. Checked before the handler runs. */
  readonly input?: In;
  /** The structured result. Checked before it is sent. */
  readonly output?: Out;
  /** Hints about the tool's behaviour: readOnlyHint, destructiveHint, idempotentHint, … */
  readonly annotations?: ToolAnnotations;
  readonly icons?: readonly Icon[];
  readonly meta?: JsonObject;
  /**
   * What callers need whose tokens name scopes: all of these. `[]`: nothing beyond being let in.
   * Where tokens are asked for and this is not said, nobody may call it.
   */
  readonly scopes?: readonly string[];
  /** How long a call may run without progress, in ms, instead of the server's own time. */
  readonly timeoutMs?: number;
  /** Lets calls run as tasks. Needs a server with `extensions: [tasks()]`. */
  readonly task?: TaskOption;
}

export type ToolHandler<In extends AnySchema, Out extends AnySchema> = (
  args: OutputOf<In>,
  call: Call,
) => ToolReturn<InputOf<Out>> | Promise<ToolReturn<InputOf<Out>>>;

export interface Tools {
  add<In extends AnySchema, Out extends AnySchema>(
    name: string,
    options: ToolOptions<In, Out>,
    handler: ToolHandler<In, Out>,
  ): Registration<ToolOptions>;
  readonly list: Handler;
  readonly call: Handler;
  /** Throws what a call would be refused with before it is looked at any further. */
  readonly refuse: (request: Request, io: Io) => void;
  /** Runs the tool of a call that was accepted, however its rounds are to be run. */
  readonly run: (request: Request, io: Io, runRound: RunRound) => Promise<Result>;
}

/** A tool made ready once: what lists show, what calls need. */
interface Tool {
  readonly item: JsonObject;
  readonly scopes: Needed;
  readonly input: ReadySchema;
  readonly output: ReadySchema | undefined;
  readonly headers: ReturnType<typeof paramHeadersOf>;
  readonly timeoutMs: number | undefined;
  readonly task: ReadyTask | undefined;
  readonly handler: ToolHandler<AnySchema, AnySchema>;
}

const noArguments: JsonObject = Object.freeze({ type: 'object', additionalProperties: false });

export function createTools(parts: ServerParts): Tools {
  const kind = { what: 'tool', member: 'tools', change: 'tools' } as const;
  const tools = createRegistry<Tool>(kind, parts);

  const find = (request: Request, io: Io): Tool => {
    const name = request.params?.['name'] as string;
    const tool = tools.get(name);
    const { principal } = io.peer;
    if (tool === undefined || isHidden(tool.scopes, principal)) throw unknownTool(name);
    if (parts.viewOf(io.peer)?.hides(tool.item) === true) throw unknownTool(name);
    refuseWithout(tool.scopes ?? [], principal);
    return tool;
  };

  return {
    add: (name, options, handler) =>
      tools.add<ToolOptions>(name, options, (current) => readyTool(name, current, handler, parts)),
    list: (request, io) => tools.page(request, io, parts.viewOf(io.peer)),
    refuse: (request, io) => void find(request, io),
    call(request, io) {
      const tool = find(request, io);
      refuseHeaders(tool, request, io);
      if (tool.timeoutMs !== undefined) io.deadline?.limit(tool.timeoutMs);
      return when(tool.input.check(argumentsOf(request)), (checked) => {
        if (checked.problem !== undefined) return refuseArguments(checked.problem, io);
        if (parts.tasks !== undefined) {
          if (tool.task !== undefined) return parts.tasks.call(tool.task, request, io);
          if (io.task !== undefined) throw noTask(String(request.params?.['name']));
        }
        return runTool(tool, checked.value, request, io, parts, parts.runRound);
      });
    },
    async run(request, io, runRound) {
      const tool = find(request, io);
      const checked = await tool.input.check(argumentsOf(request));
      if (checked.problem !== undefined) return refuseArguments(checked.problem, io);
      return runTool(tool, checked.value, request, io, parts, runRound);
    },
  };
}

function runTool(
  tool: Tool,
  args: unknown,
  request: Request,
  io: Io,
  parts: ServerParts,
  runRound: RunRound,
): Result | Promise<Result> {
  const resultOf = (returned: unknown): RoundEnd | Promise<RoundEnd> => {
    if (returned instanceof InputRequired) return returned;
    if (tool.output === undefined) return toCallToolResult(returned, false);
    return checkedResult(tool.output, returned);
  };
  return attempt(
    () => runRound(request, io, (call) => when(tool.handler(args, call), resultOf)),
    (thrown) => {
      if (thrown instanceof ToolError) return errorResult(thrown.message);
      throw failureOf(thrown, request, io, parts.report);
    },
  );
}

// What the check made of the value is sent, not the value: defaults are in it, and members that the
// schema does not know may be left out on purpose.
async function checkedResult(output: ReadySchema, returned: unknown): Promise<JsonObject> {
  const parts = returned instanceof ToolResult ? returned.parts : { structured: returned };
  if (parts.isError === true) return toCallToolResult(returned, true);
  const checked = await output.check(parts.structured);
  if (checked.problem === undefined) {
    return toCallToolResult(new ToolResult({ ...parts, structured: checked.value }), true);
  }
  throw new TypeError(
    `The tool returned what its output schema does not allow: ${checked.problem}`,
  );
}

function readyTool(
  name: string,
  options: ToolOptions,
  handler: ToolHandler<AnySchema, AnySchema>,
  { limits, tasks, scopes: fallback }: ServerParts,
): Tool {
  refuseToolName(name);
  const what = `The input of tool "${name}"`;
  const input = readySchema(options.input ?? noArguments, 'input', what, limits);
  if (input.json['type'] !== 'object') throw new TypeError(`${what} must be an object schema`);
  const output =
    options.output === undefined
      ? undefined
      : readySchema(options.output, 'output', `The output of tool "${name}"`, limits);
  const headers = paramHeadersOf(input.json);
  if ('invalid' in headers) throw new TypeError(`${what}: ${headers.invalid}`);
  if (options.task !== undefined && tasks === undefined) {
    throw new TypeError(
      `Tool "${name}" has a task option: createServer needs extensions: [tasks()]`,
    );
  }
  const task =
    options.task === undefined ? undefined : readTaskOption(options.task, `Tool "${name}"`, limits);
  const scopes = readScopes(options.scopes, fallback, `The scopes of tool "${name}"`);
  const { title, description, annotations, icons, meta, timeoutMs } = options;
  const item = defined({
    name,
    title,
    description,
    inputSchema: input.json,
    outputSchema: output?.json,
    annotations,
    icons,
    // For sessions of 2025-11-25; the stateless era leaves it to the server.
    execution: task === undefined ? undefined : { taskSupport: task.support },
    _meta: meta,
  });
  return { item, scopes, input, output, headers, timeoutMs, task, handler };
}

// server/tools: 1 to 128 of these characters, case-sensitive.
function refuseToolName(name: string): void {
  if (/^[A-Za-z0-9_.-]{1,128}$/.test(name)) return;
  throw new TypeError(`"${name}" cannot name a tool: use 1 to 128 of A-Z a-z 0-9 _ - .`);
}

function refuseHeaders(tool: Tool, request: Request, io: Io): void {
  if ('invalid' in tool.headers || tool.headers.headers.length === 0) return;
  const sent = io.paramHeaders;
  if (sent === undefined) return;
  const mismatch = compareParamHeaders(tool.headers.headers, argumentsOf(request), sent);
  if (mismatch !== undefined) throw new McpError('headerMismatch', mismatch);
}

// Whoever insists on a task cannot be answered with a result.
function refuseArguments(problem: string, io: Io): Result {
  const text = `Invalid arguments: ${problem}`;
  if (io.task !== undefined) throw new McpError('invalidParams', text);
  return errorResult(text);
}

function noTask(name: string): McpError {
  return new McpError('methodNotFound', `The tool ${name.slice(0, 128)} cannot run as a task`);
}

function unknownTool(name: string): McpError {
  return new McpError('invalidParams', `Unknown tool: ${name.slice(0, 128)}`);
}
