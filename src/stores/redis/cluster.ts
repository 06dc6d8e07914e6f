import type { JsonObject } from '../../json-rpc/message.js';
import { repeat } from '../../platform/repeat.js';
import { seldom } from '../../platform/seldom.js';
import { createAsked } from '../asked.js';
import type { Cluster } from '../cluster-store.js';
import { createListeners } from '../listeners.js';
import { createTopics } from '../topics.js';
import { createLeases } from './lease.js';
import { type NodeMessage, readNodeMessage } from './message.js';
import type { Shared } from './shared.js';

/** A cluster that this process takes part in until it closes. */
export interface Membership extends Required<Cluster> {
  close(): Promise<void>;
}

/** Takes part under a new name. Resolves when the others can reach this node. */
export async function joinCluster(shared: Shared, self: string): Promise<Membership> {
  const { connection, subscriber, names, limits, clock } = shared;
  const leases = createLeases(shared, self);
  const { hear: hearTopic, deliver } = createTopics();
  const { clusterAskMs: ms, clusterAsksMax: max } = limits;
  const asked = createAsked<boolean>({ clock, ms, max, whom: 'A node' });
  const [doubters, missers] = [createListeners(), createListeners()];
  // After a fail-over each node says that it may not have been heard.
  const missed = seldom(clock, limits.clusterMissedEveryMs, missers.tell);
  /** What was told from here may have reached nobody. */
  let isUnheard = false;

  const publish = async (channel: string, message: NodeMessage): Promise<number> => {
    const text = JSON.stringify(message);
    if (text.length > limits.clusterMessageBytesMax) {
      throw new Error(`A node has more than ${limits.clusterMessageBytesMax} bytes to say`);
    }
    return Number(await connection.call('PUBLISH', channel, text));
  };
  const answer = async (to: string, id: number, topic: string, body: JsonObject): Promise<void> => {
    // Without a word of it, nobody can say whether it was taken: that is what the other one hears.
    const isOfUse = await deliver(topic, body).catch(() => undefined);
    const said = isOfUse === undefined ? {} : { isOfUse };
    await publish(names.node(to), { kind: 'answer', from: self, id, ...said });
  };
  const settle = ({ id, isOfUse }: NodeMessage & { readonly kind: 'answer' }): void => {
    if (isOfUse === undefined) asked.refuse(id, new Error('The node that was asked has failed'));
    else asked.answer(id, isOfUse);
  };
  const hear = (text: string): void => {
    if (text.length > limits.clusterMessageBytesMax) return;
    const message = readNodeMessage(text);
    if (message === undefined || message.from === self) return;
    if (message.kind === 'answer') return settle(message);
    if (message.kind === 'unheard') return missed.act();
    const { from, topic, body } = message;
    const done =
      message.kind === 'ask' ? answer(from, message.id, topic, body) : deliver(topic, body);
    done.catch(() => undefined);
  };
  const sayUnheard = async (): Promise<void> => {
    if (!isUnheard) return;
    isUnheard = false;
    await publish(names.all, { kind: 'unheard', from: self }).catch(() => (isUnheard = true));
  };
  const doubt = (): void => {
    doubters.tell();
    missed.act();
    // The others may have listened to another server than the one that took what was told.
    isUnheard = true;
    void sayUnheard();
  };
  const renew = async (): Promise<void> => {
    if (!(await leases.renew())) doubt();
    await sayUnheard();
  };
  await Promise.all([
    subscriber.subscribe(names.all, (text) => (text === undefined ? missed.act() : hear(text))),
    subscriber.subscribe(names.node(self), (text) => text !== undefined && hear(text)),
  ]);
  await renew();
  const stopDoubt = connection.onEpoch(doubt);
  connection.onReady(() => void renew().catch(() => undefined));
  const stopRenewing = repeat(clock, limits.clusterRenewMs, renew);

  return {
    self,
    isAlive: (node) => leases.isAlive(node),
    tell(topic, body) {
      publish(names.all, { kind: 'tell', from: self, topic, body }).catch(() => {
        isUnheard = true;
      });
    },
    async ask(node, topic, body) {
      if (node === self) return deliver(topic, body);
      return asked.ask(async (id) => {
        const sent = await publish(names.node(node), { kind: 'ask', from: self, id, topic, body });
        if (sent === 0) asked.answer(id, false);
      });
    },
    hear: hearTopic,
    onEpoch: doubters.add,
    onMissed: missers.add,
    async close() {
      stopRenewing();
      stopDoubt();
      missed.stop();
      asked.refuseAll(new Error('This node is closing'));
      await sayUnheard();
      await leases.end().catch(() => undefined);
    },
  };
}
