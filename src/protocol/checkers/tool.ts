/** The definition of a tool, as servers list it and sampling requests carry it. */
import { boolean, literal, object, oneOf, string, type Checker } from '../combinators.js';
import type * as legacy from '../legacy.types.js';
import type { Tool } from '../modern.types.js';
import { described } from './base.js';

const hints = object(
  {},
  {
    title: string,
    readOnlyHint: boolean,
    destructiveHint: boolean,
    idempotentHint: boolean,
    openWorldHint: boolean,
  },
);

export const tool: Checker<Tool> = object<Tool & Pick<legacy.Tool, 'execution'>>(
  { name: string, inputSchema: object({ type: literal('object') }, { $schema: string }) },
  {
    ...described,
    outputSchema: object({}, { $schema: string }),
    annotations: hints,
    execution: object({}, { taskSupport: oneOf(['forbidden', 'optional', 'required']) }),
  },
);
