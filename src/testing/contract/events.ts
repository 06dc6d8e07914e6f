import type { EventStore, StreamKey, StreamPurpose } from '../../stores/event-store.js';
import { atOnce, type Cases, cases, type ContractCase, same } from './cases.js';
import { appendAll, beginAll, bySelf, eventsOf, key, watching } from './streams.js';

/** What an EventStore must do. `open` makes an empty one for each case. */
export function eventStoreContract(
  open: () => EventStore | Promise<EventStore>,
): readonly ContractCase[] {
  return cases({ ...writing, ...reading, ...forgetting, ...watched }, open);
}

const writing: Cases<EventStore> = {
  async 'a stream tells who writes it, what it owes, and how far it has come'(store) {
    const purpose: StreamPurpose = { owner: 'node 1', purpose: 'answers', owed: [1, 'two', '1'] };
    await store.begin(key, purpose);
    const begun = { ...purpose, lastSeq: 0, isFinished: false };
    same(await store.state(key), begun, 'begun');
    same(await store.after(key, 0), [], 'no event yet');
    await store.append(key, 'node 1', { seq: 1, data: 'x' });
    await store.append(key, 'node 1', { seq: 2, data: 'answer' }, '1');
    same(await store.state(key), { ...begun, owed: [1, 'two'], lastSeq: 2 }, 'one is settled');
    await store.append(key, 'node 1', { seq: 3, data: 'answer' }, 1);
    await store.append(key, 'node 1', { seq: 4, data: 'answer' }, 'two');
    await store.finish(key, 'node 1', 4);
    same(await store.state(key), { ...begun, owed: [], lastSeq: 4, isFinished: true }, 'finished');
    same(await store.state({ ...key, stream: 'b' }), undefined, 'unknown');
    same(await store.state({ ...key, principal: 'bob' }), undefined, "somebody else's");
  },
  async 'ids of requests are owed and settled whatever they are'(store) {
    const owed = [0, -1, 1.5, Number.MAX_SAFE_INTEGER, '', '0', 'ünï 🎉 "\\ \u2028', '[1]', 'null'];
    await store.begin(key, { ...bySelf, owed });
    for (const [at, id] of owed.entries()) {
      await store.append(key, 'node 1', { seq: at + 1, data: 'answer' }, id);
      same((await store.state(key))?.owed, owed.slice(at + 1), JSON.stringify(id));
    }
  },
  async 'what nobody has asked is settled without harm'(store) {
    await store.begin(key, { ...bySelf, owed: [1] });
    same(await store.append(key, 'node 1', { seq: 1, data: 'x' }, 2), true, 'appended');
    same((await store.state(key))?.owed, [1], 'owed');
  },
  async 'a stream is claimed from who writes it, once'(store) {
    await store.begin(key, { owner: 'node 1', purpose: 'notices', owed: [7] });
    await appendAll(store, ['x']);
    same(await store.claim(key, 'node 2', 'node 3'), undefined, 'from another');
    const claimed = { owner: 'node 2', purpose: 'notices', owed: [7], lastSeq: 1 };
    const state = { ...claimed, isFinished: false };
    same(await store.claim(key, 'node 1', 'node 2'), state, 'from its writer');
    same(await store.claim(key, 'node 1', 'node 3'), undefined, 'again');
    same(await store.state(key), state, 'claimed');
    same(await store.claim({ ...key, stream: 'b' }, '', 'node 1'), undefined, 'unknown');
    same(await store.claim({ ...key, principal: 'bob' }, 'node 2', 'x'), undefined, "another's");
  },
  async 'of several that claim at the same time, one gets it'(store) {
    await store.begin(key, bySelf);
    const nodes = ['node 2', 'node 3', 'node 4'];
    const states = await atOnce(nodes, (node) => store.claim(key, 'node 1', node));
    const got = states.filter((state) => state !== undefined);
    same(got.length, 1, 'how many');
    same((await store.state(key))?.owner, got[0]?.owner, 'owner');
  },
  async 'only who writes a stream appends to it and finishes it'(store) {
    await store.begin(key, { ...bySelf, owed: [1] });
    await appendAll(store, ['x']);
    await store.claim(key, 'node 1', 'node 2');
    same(await store.append(key, 'node 1', { seq: 2, data: 'late' }, 1), false, 'the one before');
    await store.finish(key, 'node 1', 1);
    same((await store.state(key))?.owed, [1], 'what was refused settles nothing');
    same(await store.append(key, 'node 2', { seq: 2, data: 'y' }), true, 'who writes it now');
    same(await store.after(key, 0), eventsOf(['x', 'y']), 'events');
    await store.finish(key, 'node 2', 2);
    same(await store.append(key, 'node 2', { seq: 3, data: 'z' }), false, 'after the end');
    await store.finish(key, 'node 2', 9);
    same((await store.state(key))?.lastSeq, 2, 'it ends once');
    same(await store.claim(key, 'node 2', 'node 3'), undefined, 'claimed after the end');
    const unknown = { ...key, stream: 'b' };
    same(await store.append(unknown, 'node 1', { seq: 1, data: 'x' }), false, 'never begun');
    await store.finish(unknown, 'node 1', 0);
    same(await store.state(unknown), undefined, 'never begun');
  },
  async 'a stream that is begun again is another one'(store) {
    await store.begin(key, { ...bySelf, owed: [1] });
    await appendAll(store, ['old']);
    await store.begin(key, { owner: 'node 2', purpose: 'notices', owed: [] });
    same(await store.after(key, 0), [], 'events');
    same(await store.after(key, 1), undefined, 'what the old one had reached');
    const state = { owner: 'node 2', purpose: 'notices', owed: [], lastSeq: 0, isFinished: false };
    same(await store.state(key), state, 'state');
    same(await store.append(key, 'node 1', { seq: 2, data: 'x' }), false, 'who wrote the old one');
    await store.finish(key, 'node 2', 0);
    await store.begin(key, bySelf);
    same((await store.state(key))?.isFinished, false, 'begun after the end');
  },
};

const reading: Cases<EventStore> = {
  async 'what came after an event is replayed exactly, and in order'(store) {
    const texts = ['{"a":1}', '', 'ünï 🎉 \u2028 \0', '"\\ud800"', '{"text":"a\\nb"}', '\u2029'];
    await store.begin(key, bySelf);
    await appendAll(store, texts);
    const all = eventsOf(texts);
    for (let seq = 0; seq <= texts.length; seq++) {
      same(await store.after(key, seq), all.slice(seq), `after ${seq}`);
    }
  },
  async 'what is read by parts is the same, and no part is empty'(store) {
    const texts = ['x', 'y', 'a'.repeat(10_000), '', 'b'.repeat(300), ...'z'.repeat(100)];
    await store.begin(key, bySelf);
    await appendAll(store, texts);
    const all = eventsOf(texts);
    const seqs = async (seq: number, bytesMax: number): Promise<unknown> =>
      (await store.after(key, seq, bytesMax))?.map((event) => event.seq);
    same(await seqs(0, 1), [1], 'one byte');
    same(await seqs(0, 2), [1, 2], 'two bytes');
    same(await seqs(0, 9_999), [1, 2], 'too few for the next');
    same(await seqs(2, 9_999), [3], 'too few for the first');
    same(await seqs(4, 0), [5], 'none');
    same(await store.after(key, 0, 1e9), all, 'enough for all');
    for (const bytesMax of [1, 7, 1000]) {
      const got = [];
      for (let at = 0; at < texts.length; at = got.length) {
        const part = (await store.after(key, at, bytesMax)) ?? [];
        if (part.length === 0) break;
        got.push(...part);
      }
      same(got, all, `${bytesMax} bytes each`);
    }
    same(await store.after(key, texts.length, 1), [], 'after the last');
    same(await store.after(key, texts.length + 1, 1), undefined, 'never reached');
    await store.append(key, 'node 1', { seq: texts.length + 2, data: 'after a gap' });
    same(await store.after(key, 0, 1), undefined, 'before a gap');
  },
  async 'a large event comes back whole'(store) {
    const data = JSON.stringify({ text: 'ü🎉x'.repeat(250_000) });
    await store.begin(key, bySelf);
    await appendAll(store, [data, 'x']);
    same(await store.after(key, 0), eventsOf([data, 'x']), 'events');
  },
  async 'events that are appended all at once keep their order'(store) {
    await store.begin(key, bySelf);
    const events = eventsOf(Array.from({ length: 200 }, (_, at) => `${at}`));
    await atOnce(events, (event) => store.append(key, 'node 1', event));
    same(await store.after(key, 0), events, 'events');
  },
  async 'nothing before a gap can be read, and all after it can'(store) {
    await store.begin(key, bySelf);
    await appendAll(store, ['1', '2']);
    await appendAll(store, ['4', '5'], { from: 4 });
    for (const seq of [0, 1, 2]) same(await store.after(key, seq), undefined, `after ${seq}`);
    same(await store.after(key, 3), eventsOf(['4', '5'], 4), 'after the gap');
    same((await store.state(key))?.lastSeq, 5, 'how far it has come');
    await store.finish(key, 'node 1', 6);
    same(await store.after(key, 5), undefined, 'before a last one that is missing');
    same(await store.after(key, 6), [], 'after it');
    same((await store.state(key))?.lastSeq, 6, 'the last one');
  },
  async 'an event that comes again changes nothing, and another one does not take its number'(
    store,
  ) {
    await store.begin(key, bySelf);
    await appendAll(store, ['1', '2', '3']);
    same(await store.append(key, 'node 1', { seq: 2, data: '2' }), true, 'once more');
    const another = async (): Promise<boolean> =>
      store.append(key, 'node 1', { seq: 3, data: 'x' });
    same(await another().catch(() => 'refused'), 'refused', 'another third one');
    same(await store.after(key, 0), eventsOf(['1', '2', '3']), 'events');
    same((await store.state(key))?.lastSeq, 3, 'how far it has come');
  },
  async 'a gap at the very beginning is one, too'(store) {
    await store.begin(key, bySelf);
    await appendAll(store, ['2'], { from: 2 });
    same(await store.after(key, 0), undefined, 'after 0');
    same(await store.after(key, 1), eventsOf(['2'], 2), 'after 1');
  },
  async 'a place that was never reached is not known'(store) {
    await store.begin(key, bySelf);
    await appendAll(store, ['x']);
    same(await store.after(key, 2), undefined, 'after 2 of 1');
    same(await store.after({ ...key, stream: 'b' }, 1), undefined, 'after 1 of nothing');
    same(await store.after({ ...key, stream: 'b' }, 0), [], 'after 0 of nothing');
  },
  async 'a stream that is finished can still be read'(store) {
    await store.begin(key, bySelf);
    await appendAll(store, ['x']);
    await store.finish(key, 'node 1', 1);
    same(await store.after(key, 0), eventsOf(['x']), 'after 0');
    same(await store.after(key, 1), [], 'after 1');
  },
  async 'names keep apart what they name'(store) {
    const keys: readonly StreamKey[] = [
      key,
      { ...key, principal: 'bob' },
      { ...key, session: 't' },
      // Names that look alike once they are put together, or are cut at what ends a text.
      { principal: 'a b', session: 's', stream: 'a' },
      { principal: 'b', session: 's a', stream: 'a' },
      { principal: 'a:b', session: 's', stream: 'a' },
      { principal: 'a', session: 'b:s', stream: 'a' },
      { principal: 'ann\0', session: 's', stream: 'a' },
      { principal: 'ann\0b', session: 's', stream: 'a' },
      { principal: 'Ann', session: 's', stream: 'a' },
      { principal: 'ann ', session: 's', stream: 'a' },
      { principal: '"ann"', session: 's', stream: 'a' },
      { principal: '', session: 's', stream: 'a' },
      { principal: '%', session: '*', stream: '?' },
      // Two halves of characters that UTF-8 has no bytes for.
      { principal: '\ud800', session: 's', stream: 'a' },
      { principal: '\ud801', session: 's', stream: 'a' },
      { principal: '\ufffd', session: 's', stream: 'a' },
    ];
    await beginAll(
      store,
      keys.map((one, at) => [one, `${at}`]),
    );
    for (const [at, one] of keys.entries()) {
      same(await store.after(one, 0), eventsOf([`${at}`]), JSON.stringify(one));
    }
  },
};

const forgetting: Cases<EventStore> = {
  async 'a stream that is forgotten is gone, and no other'(store) {
    const other = { ...key, stream: 'b' };
    await beginAll(store, [
      [key, 'x'],
      [other, 'x'],
    ]);
    await store.forget(key);
    same(await store.state(key), undefined, 'forgotten');
    same(await store.after(key, 1), undefined, 'forgotten');
    same(await store.append(key, 'node 1', { seq: 2, data: 'y' }), false, 'appended to it');
    same(await store.after(other, 0), eventsOf(['x']), 'the other');
    await store.forget({ ...key, stream: 'nothing' });
    await store.begin(key, bySelf);
    same(await store.after(key, 0), [], 'begun once more');
  },
  async 'a session that is forgotten is gone whole, and no other'(store) {
    const keys = [key, { ...key, stream: 'b' }];
    const others = [
      { ...key, session: 't' },
      { ...key, principal: 'bob' },
    ];
    await beginAll(
      store,
      [...keys, ...others].map((one) => [one, 'x']),
    );
    await store.forgetSession(key.principal, key.session);
    for (const one of keys) {
      same(await store.after(one, 1), undefined, one.stream);
      same(await store.append(one, 'node 1', { seq: 2, data: 'y' }), false, 'what comes late');
      await store.finish(one, 'node 1', 2);
      same(await store.state(one), undefined, 'what ends late');
    }
    for (const one of others) same(await store.after(one, 0), eventsOf(['x']), 'others');
    await store.forgetSession('nobody', 'nothing');
  },
};

const watched: Cases<EventStore> = {
  async 'who watches a stream is told of all that happens to it'(store) {
    await store.begin(key, bySelf);
    const one = watching();
    const stop = await store.watch(key, one.changed);
    await one.expect('an event', () => store.append(key, 'node 1', { seq: 1, data: 'x' }));
    await one.expect('a claim', () => store.claim(key, 'node 1', 'node 2'));
    await one.expect('the end', () => store.finish(key, 'node 2', 1));
    await one.expect('that it is forgotten', () => store.forget(key));
    await one.expect('that it is begun again', () => store.begin(key, bySelf));
    await one.expect('an event of the new one', () => appendAll(store, ['y']));
    const forget = () => store.forgetSession(key.principal, key.session);
    await one.expect('that its session is forgotten', forget);
    stop();
  },
  async 'who has stopped watching is told of nothing more, and others still are'(store) {
    await store.begin(key, bySelf);
    const [one, other] = [watching(), watching()];
    const stopOne = await store.watch(key, one.changed);
    const stopOther = await store.watch(key, other.changed);
    await one.expect('an event', () => appendAll(store, ['x']));
    stopOne();
    const { count } = one;
    await other.expect('an event', () => appendAll(store, ['y'], { from: 2 }));
    same(one.count, count, 'told after it stopped');
    stopOne();
    stopOther();
  },
  async 'who watches one stream is not told of another'(store) {
    const others = [
      { ...key, stream: 'b' },
      { ...key, session: 't' },
      { ...key, principal: 'bob' },
    ];
    for (const one of [key, ...others]) await store.begin(one, bySelf);
    const [own, fence] = [watching(), watching()];
    const stops = [await store.watch(key, own.changed)];
    for (const to of others) {
      stops.push(await store.watch(to, fence.changed));
      await fence.expect('an event', () => appendAll(store, ['x'], { to }));
    }
    same(own.count, 0, 'how often');
    for (const stop of stops) stop();
  },
};
