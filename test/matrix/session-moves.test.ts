/** A reader moves from node to node, and nothing that was said gets lost on the way. */
import { beforeEach, expect, test } from 'vitest';
import type { Server } from '../../src/index.js';
import type { EventStore } from '../../src/stores/event-store.js';
import { NodeStage, requestOf } from './node-stage.js';
import type { RawStream } from './raw-http.js';
import { settle } from '../settle.js';

const uri = 'test://r';
const define = (server: Server): unknown => server.resource(uri, {}, () => 'r');

let stage: NodeStage;

beforeEach(() => {
  stage = new NodeStage();
});

/** Whoever waits for it goes on when it is opened, and from then on. */
function createDoor(): { readonly opened: Promise<void>; readonly open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

/** The methods of what comes, as it comes. */
function heardOn(stream: RawStream): string[] {
  const heard: string[] = [];
  void (async () => {
    for (let event = await stream.next(); event !== undefined; event = await stream.next()) {
      if (event.message !== undefined) heard.push(String(event.message['method']));
    }
  })();
  return heard;
}

test('who takes over from a node that has missed something is told so when that knows', async () => {
  const [a, b, c] = ['a', 'b', 'c'].map((name) => stage.start(name, { define }));
  const session = await stage.at(b!).open();
  await stage.at(b!).post(requestOf(1, 'resources/subscribe', { uri }), session);
  const first = await stage.get(b!, session);
  const { id: place } = (await first.next())!;
  stage.nodes.part('b', 'c');
  c!.server.resourceUpdated(uri);
  await settle();
  first.cut();
  await settle();
  const second = await stage.get(a!, session, place);
  const heard = heardOn(second);
  await settle();
  expect(heard).toEqual([]);
  stage.nodes.mend('b', 'c');
  await settle();
  expect(heard).toContain('notifications/resources/updated');
  second.cut();
});

test('a stream that is being taken over gives way to one that stands meanwhile', async () => {
  const { events } = stage.shared;
  const [claimed, asked, goOn] = [createDoor(), createDoor(), createDoor()];
  const claimAt = (claim: EventStore['claim']) => ({
    own: { events: { ...events, claim } },
    define,
  });
  const b = stage.start('b', { define });
  const a = stage.start(
    'a',
    claimAt(async (...args) => {
      const state = await events.claim(...args);
      claimed.open();
      await goOn.opened;
      return state;
    }),
  );
  const c = stage.start(
    'c',
    claimAt(async (...args) => {
      asked.open();
      await claimed.opened;
      return events.claim(...args);
    }),
  );
  const session = await stage.at(b).open();
  const first = await stage.get(b, session);
  const { id: place } = (await first.next())!;
  first.cut();
  await settle();
  stage.nodes.die('b');
  const atC = stage.get(c, session);
  await asked.opened;
  const atA = stage.get(a, session, place);
  const standing = await atC;
  expect(standing.status).toBe(200);
  goOn.open();
  expect((await atA).status).toBe(503);
  standing.cut();
  await settle();
  const again = await stage.get(a, session);
  expect(again.status).toBe(200);
  again.cut();
});

test.each(['a', 'b'])(
  'a handler that awaits its words waits for a reader at %s',
  async (where) => {
    const words = 1500;
    const { events } = stage.shared;
    let said = 0;
    const append: EventStore['append'] = async (...args) => {
      const kept = await events.append(...args);
      await settle(1);
      return kept;
    };
    const chat = (server: Server): unknown =>
      server.tool('chat', {}, async (_args, call) => {
        await call.progress(0.5);
        await stage.released;
        while (said < words) await call.progress(++said, { message: 'x'.repeat(4000) });
        return 'done';
      });
    const a = stage.start('a', { define: chat, own: { events: { ...events, append } } });
    const b = stage.start('b', { define: chat });
    const session = await stage.at(a).open();
    const place = await stage.leave(a, session, 'chat');
    const reader = await stage.get(where === 'b' ? b : a, session, place);
    await reader.next();
    stage.release();
    await settle(5000);
    expect(said).toBeLessThan(words);
    const heard = heardOn(reader);
    await expect.poll(() => heard.length, { timeout: 20_000 }).toBe(words + 1);
    expect(await stage.status(a, session)).toBe(200);
  },
  40_000,
);
