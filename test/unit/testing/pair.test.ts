import { describe, expect, test } from 'vitest';
import { createServer, McpError, text } from '../../../src/index.js';
import { createMatrix, pair, type TransportName, type Where } from '../../../src/testing/index.js';

const transports: readonly TransportName[] = [
  'memory',
  'stdio',
  'http',
  'fetch',
  'web',
  'http-sse',
];

describe('a pair', () => {
  test.each(transports)('over %s talks, records and closes', async (transport) => {
    const server = createServer({ name: 'pair', version: '1.0.0' });
    server.tool('say', {}, () => 'hello');
    await using both = await pair(server, { transport });
    expect((await both.client.callTool('say')).content).toEqual([text('hello')]);
    expect(both.wire.messages('client', 'tools/call')).toHaveLength(1);
    expect(both.wire.text('server')).toContain('hello');
    await both.close();
    expect(both.clock.waiting).toBe(0);
  });

  test('that cannot be made leaves nothing behind', async () => {
    const server = createServer({ name: 'pair', version: '1.0.0' });
    server.use(() => () => Promise.reject(new McpError('internal', 'no')));
    await expect(pair(server, { era: 'modern' })).rejects.toBeInstanceOf(McpError);
  });
});

describe('a matrix', () => {
  const titles = (where: Where = {}): string[] => {
    const seen: string[] = [];
    const matrix = createMatrix({ test: (title) => void seen.push(title) });
    matrix('a sentence', where, async () => undefined);
    return seen;
  };

  test('has a cell for each transport and era, named in its title', () => {
    expect(titles()).toEqual([
      'a sentence [memory, 2026-07-28]',
      'a sentence [memory, 2025-11-25]',
      'a sentence [stdio, 2026-07-28]',
      'a sentence [stdio, 2025-11-25]',
      'a sentence [http, 2026-07-28]',
      'a sentence [http, 2025-11-25]',
      'a sentence [fetch, 2026-07-28]',
      'a sentence [fetch, 2025-11-25]',
      'a sentence [web, 2026-07-28]',
      'a sentence [web, 2025-11-25]',
      'a sentence [http-sse, 2024-11-05]',
    ]);
  });

  test('has only those where the sentence applies', () => {
    expect(titles({ transports: ['http', 'http-sse'], eras: ['legacy'] })).toEqual([
      'a sentence [http, 2025-11-25]',
      'a sentence [http-sse, 2024-11-05]',
    ]);
    const revisions = ['2026-07-28', '2025-03-26'] as const;
    expect(titles({ transports: ['memory', 'http-sse'], revisions })).toEqual([
      'a sentence [memory, 2026-07-28]',
      'a sentence [memory, 2025-03-26]',
      'a sentence [http-sse, 2025-03-26]',
    ]);
  });

  test('fails when a timer outlives everything', async () => {
    const runs: (() => Promise<void>)[] = [];
    const matrix = createMatrix({ test: (_title, run) => void runs.push(run) });
    matrix('leaks', { transports: ['memory'] }, async ({ clock }) => {
      clock.after(1000, () => undefined);
    });
    matrix('is tidy', { transports: ['memory'] }, async ({ connect }) => {
      await connect();
    });
    const [leaks, , tidy] = runs;
    await expect(leaks?.()).rejects.toThrow('1 timers are left');
    await tidy?.();
  });
});
