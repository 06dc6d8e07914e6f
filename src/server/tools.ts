import { McpError, ToolError } from '../errors.js';
import type { Io, Request, Result } from '../exchange.js';
import type { JsonObject } from '../json-rpc/message.js';
import { compareParamHeaders, paramHeadersOf } from '../protocol/param-headers.js';
import type { Icon, ToolAnnotations } from '../protocol/modern.types.js';
import type { Call } from './call.js';
import { defined, failureOf, type Handler, type ServerParts } from './parts.js';
import { createRegistry, type Registration } from './registry.js';
import { errorResult, toCallToolResult, ToolResult, type ToolReturn } from './results.js';
import { argumentsOf, InputRequired } from './rounds.js';
import { type AnySchema, type InputOf, type OutputOf, type ReadySchema } from './schema.js';
import { readySchema } from './schema.js';

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
  /** How long a call may run without progress, in ms, instead of the server's own time. */
  readonly timeoutMs?: number;
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
}

/** A tool made ready once: what lists show, what calls need. */
interface Tool {
  readonly item: JsonObject;
  readonly input: ReadySchema;
  readonly output: ReadySchema | undefined;
  readonly headers: ReturnType<typeof paramHeadersOf>;
  readonly timeoutMs: number | undefined;
  readonly handler: ToolHandler<AnySchema, AnySchema>;
}

const noArguments: JsonObject = Object.freeze({ type: 'object', additionalProperties: false });

export function createTools(parts: ServerParts): Tools {
  const kind = { what: 'tool', member: 'tools', change: 'tools' } as const;
  const tools = createRegistry<Tool>(kind, parts);

  return {
    add: (name, options, handler) =>
      tools.add<ToolOptions>(name, options, (current) =>
        readyTool(name, current, handler as unknown as Tool['handler'], parts),
      ),
    list: (request) => tools.page(request.params?.['cursor'] as string | undefined),
    async call(request, io) {
      const name = request.params?.['name'] as string;
      const tool = tools.get(name);
      if (tool === undefined) throw unknownTool(name);
      refuseHeaders(tool, request, io);
      if (tool.timeoutMs !== undefined) io.deadline?.limit(tool.timeoutMs);
      const checked = await tool.input.check(argumentsOf(request));
      if (checked.problem !== undefined)
        return errorResult(`Invalid arguments: ${checked.problem}`);
      return runTool(tool, checked.value, request, io, parts);
    },
  };
}

async function runTool(
  tool: Tool,
  args: unknown,
  request: Request,
  io: Io,
  parts: ServerParts,
): Promise<Result> {
  try {
    return await parts.runRound(request, io, async (call) => {
      const returned = await tool.handler(args as never, call);
      if (returned instanceof InputRequired) return returned;
      const result = toCallToolResult(returned, tool.output !== undefined);
      return tool.output === undefined ? result : withCheckedOutput(tool.output, result, returned);
    });
  } catch (thrown) {
    if (thrown instanceof ToolError) return errorResult(thrown.message);
    throw failureOf(thrown, request, io, parts.report);
  }
}

async function withCheckedOutput(
  output: ReadySchema,
  result: JsonObject,
  returned: unknown,
): Promise<JsonObject> {
  if (returned instanceof ToolResult && returned.parts.isError === true) return result;
  const checked = await output.check(result['structuredContent']);
  if (checked.problem === undefined) return result;
  throw new TypeError(
    `The tool returned what its output schema does not allow: ${checked.problem}`,
  );
}

function readyTool(
  name: string,
  options: ToolOptions,
  handler: ToolHandler<AnySchema, AnySchema>,
  { limits }: ServerParts,
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
  const { title, description, annotations, icons, meta, timeoutMs } = options;
  const item = defined({
    name,
    title,
    description,
    inputSchema: input.json,
    outputSchema: output?.json,
    annotations,
    icons,
    _meta: meta,
  });
  return { item, input, output, headers, timeoutMs, handler };
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

function unknownTool(name: string): McpError {
  return new McpError('invalidParams', `Unknown tool: ${name.slice(0, 128)}`);
}
