/** What nodes in memory do beyond the contract, which test/contract/memory.test.ts has. */
import { expect, test } from 'vitest';
import { memoryNodes } from '../../../src/testing/index.js';

const setUp = () => {
  const nodes = memoryNodes();
  const [one, other, third] = [nodes.join('one'), nodes.join('other'), nodes.join('third')];
  const heard: string[] = [];
  for (const node of [one, other, third]) {
    node.hear('x', ({ text }) => {
      heard.push(`${node.self} ${String(text)}`);
      return true;
    });
  }
  return { nodes, one, other, third, heard };
};
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('what is heard is a copy', async () => {
  const { one, other } = setUp();
  const bodies: object[] = [];
  other.hear('y', (body) => {
    bodies.push(body);
    return true;
  });
  const body = { list: [1] };
  one.tell('y', body);
  body.list.push(2);
  await settled();
  expect(bodies).toEqual([{ list: [1] }]);
});

test('nodes that were parted do not hear each other, and know that the other is there', async () => {
  const { nodes, one, other, third, heard } = setUp();
  nodes.part('one', 'other');
  one.tell('x', { text: 'lost' });
  await expect(other.ask('one', 'x', { text: 'lost' })).rejects.toThrow('cannot be reached');
  expect(await one.isAlive('other')).toBe(true);
  const missed: string[] = [];
  for (const node of [one, other, third]) node.onMissed?.(() => missed.push(node.self));
  nodes.mend('other', 'one');
  expect(missed.toSorted()).toEqual(['one', 'other']);
  one.tell('x', { text: 'again' });
  await settled();
  expect(heard).toEqual(['third lost', 'other again', 'third again']);
});

test('a node that has died, or is taken for dead, takes nothing and tells nothing', async () => {
  for (const how of ['die', 'lose'] as const) {
    const { nodes, one, other, third, heard } = setUp();
    nodes[how]('one');
    one.tell('x', { text: 'late' });
    other.tell('x', { text: 'news' });
    expect(await other.ask('one', 'x', { text: 'work' })).toBe(false);
    await expect(one.ask('other', 'x', { text: 'work' })).rejects.toThrow('cannot be reached');
    await settled();
    expect(heard).toEqual(['third news']);
    expect(await third.isAlive('one')).toBe(false);
    expect(await one.isAlive('one')).toBe(true);
    expect(() => nodes.join('one')).toThrow('already');
  }
});
