import { expect, test } from 'vitest';
import { McpError } from '../../../src/errors.js';
import {
  allMethodRows,
  isCacheable,
  isSpokenAt,
  methodRow,
} from '../../../src/protocol/methods.js';
import { cites } from '../../requirements.js';

const methodsOf = (revision: string): string[] =>
  allMethodRows()
    .filter((row) => isSpokenAt(row, revision))
    .map(({ method }) => method);

test('each era has its methods', () => {
  expect(methodRow('tools/call')).toMatchObject({ modern: true, legacy: true, kind: 'request' });
  expect(methodRow('initialize')).toMatchObject({ modern: false, legacy: true });
  expect(methodRow('ping')).toMatchObject({ modern: false, legacy: true, from: 'both' });
  expect(methodRow('server/discover')).toMatchObject({ modern: true, legacy: false });
  expect(methodRow('sampling/createMessage')).toMatchObject({ modern: false, from: 'server' });
});

test('methods come and go with revisions', () => {
  expect(methodsOf('2024-11-05')).not.toContain('elicitation/create');
  expect(methodsOf('2025-06-18')).toContain('elicitation/create');
  expect(methodsOf('2025-06-18')).not.toContain('tasks/get');
  expect(methodsOf('2025-11-25')).toContain('tasks/get');
  expect(methodsOf('2026-07-28')).not.toContain('logging/setLevel');
  expect(methodsOf('2026-07-28')).toContain('subscriptions/listen');
  expect(methodsOf('2027-01-01')).toEqual([]);
});

test('rows say what the transports need', () => {
  expect(methodRow('tools/call')).toMatchObject({ nameParam: 'name', serverCapability: 'tools' });
  expect(methodRow('resources/read')?.nameParam).toBe('uri');
  expect(methodRow('tasks/cancel')?.nameParam).toBe('taskId');
  expect(methodRow('roots/list')?.clientCapability).toBe('roots');
  const cacheable = allMethodRows().filter(({ method }) => isCacheable(method));
  expect(cacheable.map(({ method }) => method).sort()).toEqual([
    'prompts/list',
    'resources/list',
    'resources/read',
    'resources/templates/list',
    'server/discover',
    'tools/list',
  ]);
});

test.each(['__proto__', 'constructor', 'toString', '', 'TOOLS/CALL', 'tools/call '])(
  'nobody has the method %j',
  (method) => {
    expect(methodRow(method)).toBeUndefined();
    expect(isCacheable(method)).toBe(false);
  },
);

test('rows check what is sent and what is answered', () => {
  const row = methodRow('tools/call');
  expect(() => row?.checkParams({ name: 'echo', arguments: {} })).not.toThrow();
  expect(() => row?.checkParams({ name: 'echo', arguments: [] })).toThrow(
    new McpError('invalidParams', 'params.arguments must be an object'),
  );
  expect(() => row?.checkParams(undefined)).toThrow('params must be an object');
  expect(() => row?.checkResult({ content: [] })).not.toThrow();
  expect(() => row?.checkResult({ content: [{ type: 'video' }] })).toThrow(
    new McpError(
      'badResponse',
      'result.content[0].type must be one of "text", "image", "audio", "resource_link", "resource"',
    ),
  );
});

cites('rounds/where');
test('a result may ask for input where the method allows it', () => {
  const asks = { resultType: 'input_required', requestState: 's' };
  expect(() => methodRow('prompts/get')?.checkResult(asks)).not.toThrow();
  expect(() => methodRow('tools/list')?.checkResult(asks)).toThrow('result.tools is missing');
  expect(() => methodRow('tools/call')?.checkResult({ resultType: 'input_required' })).toThrow(
    'result must have inputRequests or requestState',
  );
});

test('requests without params, and notifications, need none', () => {
  for (const method of ['ping', 'tools/list', 'server/discover', 'notifications/initialized']) {
    expect(() => methodRow(method)?.checkParams(undefined)).not.toThrow();
  }
});
