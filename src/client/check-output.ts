import { McpError } from '../errors.js';
import type { Middleware, Result } from '../exchange.js';
import { type CompiledSchema, compileSchema } from '../json-schema/compile.js';
import { isUnfinished } from '../json-schema/run.js';
import type { Limits } from '../limits.js';
import type { KnownTool, KnownTools } from './known-tools.js';

export interface CheckOutputOptions {
  readonly tools: KnownTools;
  readonly limits: Limits;
  /** Told of a schema that cannot be used, wholly or in part. */
  readonly onWarning: ((warning: string) => void) | undefined;
}

/**
 * Holds tools that were listed with an output schema to it (server/tools, "Output Schema"). The
 * schema is a stranger's: it is interpreted in counted steps, and nothing it refers to is fetched.
 */
export function checkOutput(options: CheckOutputOptions): Middleware {
  // By what the list said, so that a schema is made ready when first needed, and once.
  const ready = new WeakMap<KnownTool, CompiledSchema>();

  const schemaOf = (name: string, tool: KnownTool): CompiledSchema => {
    let schema = ready.get(tool);
    if (schema === undefined) ready.set(tool, (schema = readySchema(name, tool, options)));
    return schema;
  };

  const checked = (name: string, tool: KnownTool, result: Result): Result => {
    if (!isOutput(result)) return result;
    const { structuredContent } = result;
    if (structuredContent === undefined) throw badOutput(name, 'there is none');
    const [issue] = schemaOf(name, tool).check(structuredContent);
    if (issue === undefined) return result;
    if (isUnfinished(issue)) {
      // Large is not wrong, and the server is the one that it would protect.
      options.onWarning?.(`What the tool "${name}" returned is not checked: ${issue.message}`);
      return result;
    }
    const path = issue.path.map((part) => `/${String(part)}`).join('');
    throw badOutput(name, `${path === '' ? 'it' : path} ${issue.message}`);
  };
  return (next) => (request, io) => {
    const name = request.method === 'tools/call' ? request.params?.['name'] : undefined;
    const tool = options.tools.get(name);
    if (tool?.outputSchema === undefined) return next(request, io);
    return next(request, io).then((result) => checked(String(name), tool, result));
  };
}

/** A tool that failed says so in words, and one that asks or has only begun has no output yet. */
function isOutput({ resultType = 'complete', isError }: Result): boolean {
  return resultType === 'complete' && isError !== true;
}

const anything: CompiledSchema = { warnings: [], check: () => [] };

function readySchema(
  name: string,
  { outputSchema }: KnownTool,
  { limits, onWarning }: CheckOutputOptions,
): CompiledSchema {
  const bounds = {
    depthMax: limits.schemaDepthMax,
    nodesMax: limits.schemaNodesMax,
    stepsMax: limits.schemaStepsMax,
  };
  try {
    const schema = compileSchema(outputSchema, bounds);
    for (const warning of schema.warnings)
      onWarning?.(`The output schema of "${name}": ${warning}`);
    return schema;
  } catch (thrown) {
    const { message } = McpError.from(thrown);
    onWarning?.(`What the tool "${name}" returns is not checked: ${message}`);
    return anything;
  }
}

function badOutput(name: string, problem: string): McpError {
  const text = `The structured content of the tool "${name}" does not fit its output schema`;
  return new McpError('badResponse', `${text}: ${problem}`);
}
