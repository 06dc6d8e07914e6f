import { expect } from 'vitest';
import { matrix } from './matrix.js';
let stage = ''; let fr: any; let clk: any;
for (let i = 0; i < 150; i++) {
  matrix('x' + i, { transports: ['web'], eras: ['modern'] }, async ({ server, connect, clock, wire }) => {
    server.tool('a', {}, () => 'a');
    fr = wire; clk = clock;
    const t = setTimeout(() => console.log('STUCK', i, stage, clock.now() - Date.UTC(2026, 6, 28), clock.waiting, wire.frames.map((f) => f.from + f.text.slice(0, 80))), 3000);
    stage = 'connect';
    const client = await connect();
    const it = client.listen({ tools: true })[Symbol.asyncIterator]();
    stage = 'first';
    await it.next();
    stage = 'advance';
    await clock.advance(3 * 60 * 60 * 1000);
    stage = 'call';
    expect((await client.callTool('a')).content).toMatchObject([{ text: 'a' }]);
    server.tool('b', {}, () => '');
    stage = 'next';
    expect(await it.next()).toMatchObject({ value: { kind: 'tools' } });
    stage = 'return';
    await it.return?.();
    clearTimeout(t);
    stage = 'over';
  });
}
