import type { JsonObject } from '../../json-rpc/message.js';
import type { Cluster } from '../../stores/cluster-store.js';
import { type Cases, cases, type ContractCase, inTime, same } from './cases.js';

/** What a Cluster must do. `open` makes two nodes that know each other, for each case. */
export function clusterContract(
  open: () => Promise<readonly [Cluster, Cluster]> | readonly [Cluster, Cluster],
): readonly ContractCase[] {
  return cases(nodeCases, open);
}

/** Hears what is said, and gives it out one by one. */
function listener(node: Cluster, topic: string) {
  const heard: JsonObject[] = [];
  let wake = (): void => undefined;
  const stop = node.hear(topic, (body) => {
    heard.push(body);
    wake();
    return true;
  });
  return {
    stop,
    heard,
    async next(what: string): Promise<JsonObject | undefined> {
      while (heard.length === 0) {
        await inTime(new Promise<void>((resolve) => (wake = resolve)), what);
      }
      return heard.shift();
    },
  };
}

const body: JsonObject = { text: 'ü \u2028 🎉', nested: { list: [1, null, 'x', 1.5] } };

const nodeCases: Cases<readonly [Cluster, Cluster]> = {
  async 'nodes have names of their own, and know each other to be at work'([one, other]) {
    same(one.self === other.self, false, 'the same name');
    for (const node of [one, other]) {
      same(await node.isAlive(one.self), true, 'the one');
      same(await node.isAlive(other.self), true, 'the other');
      same(await node.isAlive('nobody'), false, 'nobody');
      same(await node.isAlive(''), false, 'no name');
    }
  },
  async 'what a node tells is heard by the others, in order, and not by itself'([one, other]) {
    const [own, there] = [listener(one, 'news'), listener(other, 'news')];
    const unrelated = listener(other, 'weather');
    const all = Array.from({ length: 50 }, (_, at) => ({ ...body, at }));
    for (const news of all) one.tell('news', news);
    for (const news of all) same(await there.next('the news'), news, 'heard');
    // What comes back goes the same way: by then whatever a node tells itself has arrived.
    other.tell('news', { back: true });
    same(await own.next('the answer'), { back: true }, 'heard first');
    same(unrelated.heard, [], 'heard of something else');
  },
  async 'what is asked is taken by the node that is asked'([one, other]) {
    const got: JsonObject[] = [];
    other.hear('work', (work) => {
      got.push(work);
      return work['isOfUse'] === true;
    });
    one.hear('work', () => {
      throw new Error('who asks was asked itself');
    });
    const useful = { ...body, isOfUse: true };
    same(await one.ask(other.self, 'work', useful), true, 'of use');
    same(await one.ask(other.self, 'work', { isOfUse: false }), false, 'of no use');
    same(got, [useful, { isOfUse: false }], 'what was heard');
  },
  async 'who is asked may take a while'([one, other]) {
    other.hear('work', async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return true;
    });
    const asked = Array.from({ length: 20 }, (_, at) => one.ask(other.self, 'work', { at }));
    same([...new Set(await Promise.all(asked))], [true], 'answers');
  },
  async 'a node that is not there, or does not hear, takes nothing'([one, other]) {
    same(await one.ask('nobody', 'work', body), false, 'nobody');
    same(await one.ask(other.self, 'work', body), false, 'who does not hear');
    const stop = other.hear('work', () => true);
    same(await one.ask(other.self, 'work', body), true, 'who hears');
    stop();
    same(await one.ask(other.self, 'work', body), false, 'who has stopped');
  },
  async 'several that hear are of use together'([one, other]) {
    const answers = [false, true, false];
    for (const answer of answers) other.hear('work', () => answer);
    same(await one.ask(other.self, 'work', body), true, 'one of them');
  },
  async 'a node may ask itself'([one]) {
    one.hear('work', () => true);
    same(await one.ask(one.self, 'work', body), true, 'itself');
  },
};
