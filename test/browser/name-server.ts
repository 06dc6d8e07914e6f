/**
 * A name server that lies: every name below `example` stands for two addresses, first that of the
 * page and then this machine's own. When nobody listens at the first any more, a browser takes the
 * second, and the page is still of the same origin: DNS rebinding.
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';

export interface NameServer {
  /** The loopback address at whose port 53 it answers; a resolver file cannot name a port. */
  readonly address: string;
  close(): Promise<void>;
}

/** Answers with the first address whose beginning of a name fits, and then 127.0.0.1. */
export async function openNameServer(
  addresses: Readonly<Record<string, string>>,
): Promise<NameServer> {
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const answer = answerTo(query, addresses);
    if (answer !== undefined) socket.send(answer, from.port, from.address);
  });
  // Another run of the same tests may be under way.
  const address = `127.53.${1 + (process.pid % 250)}.${1 + (Math.trunc(process.pid / 250) % 250)}`;
  socket.bind(53, address);
  await once(socket, 'listening');
  return {
    address,
    close: () => new Promise((resolve) => socket.close(() => resolve())),
  };
}

const headerBytes = 12;
const typeA = 1;
const isAnswer = 0x8180;
const noSuchName = 0x8183;

function answerTo(query: Buffer, addresses: Readonly<Record<string, string>>): Buffer | undefined {
  if (query.length < headerBytes) return undefined;
  const labels: string[] = [];
  let at = headerBytes;
  for (let length = query[at]; length !== undefined && length > 0; length = query[at]) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  const question = query.subarray(headerBytes, at + 5);
  const found = Object.entries(addresses).find(([beginning]) => labels[0]?.startsWith(beginning));
  const isOurs = labels.at(-1) === 'example' && found !== undefined;
  const asksForA = query.readUInt16BE(at + 1) === typeA;
  const records = isOurs && asksForA ? [found[1], '127.0.0.1'].map(recordOf) : [];
  const header = Buffer.alloc(headerBytes);
  header.writeUInt16BE(query.readUInt16BE(0), 0);
  header.writeUInt16BE(isOurs ? isAnswer : noSuchName, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, question, ...records]);
}

/** An A record of the name in question that is good for one second. */
function recordOf(address: string): Buffer {
  const nameOfQuestion = [0xc0, headerBytes];
  const oneSecond = [0, 0, 0, 1];
  const parts = address.split('.').map(Number);
  return Buffer.from([...nameOfQuestion, 0, typeA, 0, 1, ...oneSecond, 0, 4, ...parts]);
}
