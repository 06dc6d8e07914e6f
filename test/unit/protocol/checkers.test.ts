import { describe, expect, test } from 'vitest';
import { check, elicitParams, elicitResult } from '../../../src/protocol/check.js';
import { inputResponses } from '../../../src/protocol/checkers/input-responses.js';
import { initializeParams, initializeResult } from '../../../src/protocol/checkers/lifecycle.js';
import { resultTypeOf } from '../../../src/protocol/checkers/result.js';
import { createMessageParams } from '../../../src/protocol/checkers/sampling.js';
import { createTaskResult, task } from '../../../src/protocol/checkers/tasks.js';
import { methodRow } from '../../../src/protocol/methods.js';
import { cites } from '../../requirements.js';

type Turn = [role: string, content: unknown];

const info = { name: 'n', version: '1' };

describe('messages of older revisions', () => {
  test('the handshake', () => {
    const asked = { protocolVersion: '2024-11-05', capabilities: {}, clientInfo: info };
    expect(check(initializeParams, asked)).toBeUndefined();
    expect(
      check(initializeParams, { ...asked, capabilities: { roots: { listChanged: true } } }),
    ).toBeUndefined();
    expect(check(initializeParams, { ...asked, clientInfo: { name: 'n' } })).toBe(
      'value.clientInfo.version is missing: it must be a string',
    );
    expect(check(initializeParams, { ...asked, capabilities: { roots: [] } })).toBe(
      'value.capabilities.roots must be an object',
    );
    const answered = { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: info };
    expect(check(initializeResult, answered)).toBeUndefined();
    expect(check(initializeResult, { ...answered, serverInfo: undefined })).toContain('serverInfo');
  });

  test('results know neither resultType nor cache hints', () => {
    for (const [method, result] of [
      ['tools/list', { tools: [{ name: 't', inputSchema: { type: 'object' } }] }],
      ['tools/call', { content: [{ type: 'text', text: 'hi' }], structuredContent: {} }],
      ['resources/read', { contents: [{ uri: 'a:b', text: '' }] }],
      ['resources/subscribe', {}],
      ['ping', { _meta: {} }],
    ] as const) {
      expect(() => methodRow(method)?.checkResult(result)).not.toThrow();
      expect(resultTypeOf(result)).toBe('complete');
    }
  });

  test('tasks', () => {
    const one = { taskId: 't', status: 'working', createdAt: 'a', lastUpdatedAt: 'b', ttl: null };
    expect(check(task, one)).toBeUndefined();
    expect(check(task, { ...one, status: 'done' })).toContain('status must be one of');
    expect(check(task, { ...one, ttl: 'long' })).toContain('ttl must be an integer or null');
    expect(check(createTaskResult, { task: one })).toBeUndefined();
    const call = { name: 'slow', task: { ttl: 1.5 } };
    expect(() => methodRow('tools/call')?.checkParams(call)).toThrow('params.task.ttl must be');
  });

  test('elicitation with display names beside the values, and with an id of its own', () => {
    const colour = { type: 'string', enum: ['r'], enumNames: ['Red'] };
    const form = { message: 'm', requestedSchema: { type: 'object', properties: { colour } } };
    expect(check(elicitParams, form)).toBeUndefined();
    const url = { mode: 'url', message: 'm', url: 'https://a.example', elicitationId: 'e' };
    expect(check(elicitParams, url)).toBeUndefined();
    expect(check(elicitParams, { ...url, elicitationId: 7 })).toContain('elicitationId');
  });
});

describe('forms', () => {
  const fieldProblem = (field: unknown): string | undefined =>
    check(elicitParams, {
      message: 'm',
      requestedSchema: { type: 'object', properties: { f: field } },
    })?.slice('value.requestedSchema.properties.f'.length);

  test.each([
    { type: 'string', format: 'email', minLength: 1, default: 'a' },
    { type: 'integer', minimum: 0, maximum: 9, default: 1 },
    { type: 'number', default: 0.5 },
    { type: 'boolean', default: true },
    { type: 'string', enum: ['a'], default: 'a' },
    { type: 'string', oneOf: [{ const: 'a', title: 'A' }] },
    { type: 'array', items: { type: 'string', enum: ['a'] }, minItems: 1 },
    { type: 'array', items: { anyOf: [{ const: 'a', title: 'A' }] }, default: ['a'] },
  ])('may hold %j', (field) => {
    expect(fieldProblem(field)).toBeUndefined();
  });

  test.each([
    [{ type: 'object', properties: {} }, '.type must be "string"'],
    [{ type: 'array', items: { type: 'object' } }, '.items.type must be "string"'],
    [{ type: 'array', items: { type: 'string' } }, '.items.enum is missing'],
    [{ type: 'string', enum: [1] }, '.enum[0] must be a string'],
    [{ type: 'string', oneOf: [{ const: 'a' }] }, '.oneOf[0].title is missing'],
    [{ type: 'string', format: 'password' }, '.format must be one of'],
    [{ type: ['string'] }, '.type must be'],
    [null, ' must be an object'],
  ])('may not hold %j', (field, sentence) => {
    expect(fieldProblem(field)).toContain(sentence);
  });

  test('know two modes', () => {
    expect(check(elicitParams, { mode: 'page', message: 'm' })).toContain('mode must be one of');
  });
});

describe('answers to questions', () => {
  test('an accepted form has flat content', () => {
    const accept = (content: unknown): string | undefined =>
      check(elicitResult, { action: 'accept', content });
    expect(accept({ a: 'x', b: 1.5, c: true, d: ['x'] })).toBeUndefined();
    expect(accept({ a: null })).toContain('content.a must be');
    expect(accept({ a: { b: 1 } })).toContain('content.a must be');
    expect(accept({ a: [1] })).toContain('content.a[0] must be a string');
    expect(accept(null)).toContain('content must be an object');
    expect(accept([])).toContain('content must be an object');
  });

  test('a refusal needs no content, and null is none', () => {
    expect(check(elicitResult, { action: 'decline' })).toBeUndefined();
    expect(check(elicitResult, { action: 'cancel', content: null })).toBeUndefined();
    expect(check(elicitResult, { action: 'agree' })).toContain('action must be one of');
  });

  test('are told apart by what they hold', () => {
    const answers = { a: { action: 'decline' }, b: { roots: [{ uri: 'file:///a' }] } };
    expect(check(inputResponses, answers)).toBeUndefined();
    expect(check(inputResponses, { a: { roots: [{}] } })).toContain('a.roots[0].uri is missing');
    expect(check(inputResponses, { a: {} })).toContain('a.role is missing');
    expect(check(inputResponses, { a: 'yes' })).toBe('value.a must be an object');
    expect(check(inputResponses, [])).toBe('value must be an object');
  });
});

describe('tool use in sampling', () => {
  const use = (id: string): object => ({ type: 'tool_use', id, name: 'n', input: {} });
  const result = (toolUseId: string): object => ({ type: 'tool_result', toolUseId, content: [] });
  const hello = { type: 'text', text: 'hi' };
  const problem = (...turns: readonly Turn[]): string | undefined =>
    check(createMessageParams, {
      maxTokens: 1,
      messages: turns.map(([role, content]) => ({ role, content })),
    });

  cites('sampling/balance');
  test('is answered by the next message, whole', () => {
    expect(problem(['user', hello])).toBeUndefined();
    expect(
      problem(['assistant', [hello, use('1'), use('2')]], ['user', [result('2'), result('1')]]),
    ).toBeUndefined();
    expect(problem(['assistant', use('1')], ['user', result('1')])).toBeUndefined();
  });

  test.each([
    ['no answer', [['assistant', use('1')]]],
    [
      'a text instead',
      [
        ['assistant', use('1')],
        ['user', hello],
      ],
    ],
    [
      'a text beside it',
      [
        ['assistant', use('1')],
        ['user', [result('1'), hello]],
      ],
    ],
    [
      'one of two',
      [
        ['assistant', [use('1'), use('2')]],
        ['user', result('1')],
      ],
    ],
    [
      'another id',
      [
        ['assistant', use('1')],
        ['user', result('2')],
      ],
    ],
    ['an answer to nothing', [['user', result('1')]]],
    [
      "the assistant's own answer",
      [
        ['assistant', use('1')],
        ['assistant', result('1')],
      ],
    ],
  ] satisfies [string, Turn[]][])('is refused with %s', (_, turns) => {
    expect(problem(...turns)).toMatch(/must (answer|be the user's)/);
  });
});
