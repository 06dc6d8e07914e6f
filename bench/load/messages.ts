/** The messages of every workload, and what their answers must hold. */

export const modernVersion = '2026-07-28';
export const legacyVersion = '2025-11-25';
/** What all who know no sessions understand. */
const statelessVersion = '2025-06-18';

const clientInfo = { name: 'bench', version: '1.0.0' };
const modernMeta = {
  'io.modelcontextprotocol/protocolVersion': modernVersion,
  'io.modelcontextprotocol/clientInfo': clientInfo,
  'io.modelcontextprotocol/clientCapabilities': {},
};

export type Era = 'modern' | 'legacy';

/** What is asked, and how its answer is recognised. */
export interface Question {
  readonly method: string;
  readonly name?: string;
  readonly params: object;
  /** The answer holds this. */
  readonly expect: string;
  /** The answer holds this exactly so many times. */
  readonly events?: number;
  readonly wantsProgress?: true;
}

export const echo = (text: string): Question => ({
  method: 'tools/call',
  name: 'echo',
  params: { name: 'echo', arguments: { text } },
  expect: `"text":"${text}"`,
});

export const work = (steps: number): Question => ({
  method: 'tools/call',
  name: 'work',
  params: { name: 'work', arguments: { steps } },
  expect: `"text":"done:${steps}"`,
  events: steps,
  wantsProgress: true,
});

export const list = (tools: number): Question => ({
  method: 'tools/list',
  params: {},
  expect: `"heavy_${String(tools).padStart(4, '0')}"`,
});

export const initialize: Question = {
  method: 'initialize',
  params: { protocolVersion: legacyVersion, capabilities: {}, clientInfo },
  expect: '"serverInfo"',
};

export function bodyOf({ params, method, wantsProgress }: Question, id: number, era: Era): string {
  const _meta = {
    ...(wantsProgress === true ? { progressToken: id } : {}),
    ...(era === 'modern' ? modernMeta : {}),
  };
  const given = Object.keys(_meta).length > 0 ? { ...params, _meta } : params;
  return JSON.stringify({ jsonrpc: '2.0', id, method, params: given });
}

export function headersOf({ method, name }: Question, era: Era): { [name: string]: string } {
  if (era === 'legacy') return { 'mcp-protocol-version': statelessVersion };
  return {
    'mcp-protocol-version': modernVersion,
    'mcp-method': method,
    ...(name === undefined ? {} : { 'mcp-name': name }),
  };
}

/** Whether it is the answer to this request, and to no other. */
export const answers = (id: number, text: string): boolean => idOf(text) === id;

/** The id of an answer, which stands before its result or behind it. */
export function idOf(text: string): number {
  return Number(/"jsonrpc":"2.0","id":(\d+)/.exec(text)?.[1] ?? /"id":(\d+)/.exec(text)?.[1]);
}

const eventMark = '"notifications/progress"';

export function isRight({ expect, events }: Question, answer: string): boolean {
  if (!answer.includes(expect)) return false;
  return events === undefined || answer.split(eventMark).length - 1 === events;
}
