import { expect, test } from 'vitest';
import { endNodes, type NodeProcess } from '../../../src/cli/nodes/end-nodes.js';
import { resolveLimits } from '../../../src/limits.js';
import { manualClock } from '../../../src/testing/index.js';

const limits = resolveLimits();
const longestMs = limits.drainMs + limits.nodeEndMs;

/** A process that ends when it is killed, or asked to where `obeys`; and what was done to it. */
function fakeNode({ obeys = true, isAtWork = true } = {}): NodeProcess & { did: string[] } {
  const did: string[] = [];
  let end = (): void => undefined;
  const gone = new Promise<void>((resolve) => (end = resolve));
  return {
    did,
    isAtWork,
    gone,
    end() {
      did.push('end');
      if (obeys) end();
    },
    kill() {
      did.push('kill');
      end();
    },
  };
}

test('who finishes what runs is not killed, nor waited for any longer', async () => {
  const clock = manualClock();
  const nodes = [fakeNode(), fakeNode()];
  await endNodes(nodes, limits, clock);
  expect(nodes.map(({ did }) => did)).toEqual([['end'], ['end']]);
  expect(clock.waiting).toBe(0);
});

test('who hangs is killed when all calls should be over, and not before', async () => {
  const clock = manualClock();
  const hanging = fakeNode({ obeys: false });
  let isOver = false;
  const ended = endNodes([fakeNode(), hanging], limits, clock).then(() => (isOver = true));
  await clock.advance(longestMs - 1);
  expect([hanging.did, isOver]).toEqual([['end'], false]);
  await clock.advance(1);
  await ended;
  expect(hanging.did).toEqual(['end', 'kill']);
});

test('who is still starting has nothing to finish', async () => {
  const starting = fakeNode({ obeys: false, isAtWork: false });
  await endNodes([starting], limits, manualClock());
  expect(starting.did).toEqual(['kill']);
});
