/** Messages to a whole server, by the doors that transports use: each gets its one answer. */
import { createEndpoint, type Endpoint } from '../../../src/transports/http/index.js';
import { type Door, doorNames, type DoorName, legacyDoor, modernDoor } from '../doors.js';
import { makeMessage, mirrorHeaders } from '../messages.js';
import { memoryDoor, stdioDoor } from '../pipes.js';
import type { Random } from '../random.js';
import { createFuzzServer, type FuzzServer } from '../server.js';
import { fewerBytes, fewerItems, smallerJson } from '../shrink.js';
import { defineTarget, insist, type Target } from '../target.js';
import { latin1 } from './sse.js';

export interface MessagesInput {
  readonly door: DoorName;
  readonly messages: readonly Uint8Array[];
  /** Headers beside each message, where the door has any. */
  readonly headers: readonly (readonly string[])[];
  /** How the bytes of a stream are cut. */
  readonly cuts: readonly number[];
}

/** `around` stands between the doors and the endpoint, in tests of the fuzzer. */
export function messagesTarget(around: (endpoint: Endpoint) => Endpoint = (one) => one): Target {
  let fuzzed: FuzzServer;
  let endpoint: Endpoint | undefined;
  let doors: { readonly [name in DoorName]: Door };
  return defineTarget<MessagesInput>({
    name: 'messages',
    share: 18,
    open() {
      fuzzed = createFuzzServer();
      endpoint = around(createEndpoint(fuzzed.server, { onError: failInside }));
      doors = {
        modern: modernDoor(endpoint),
        legacy: legacyDoor(endpoint),
        stdio: stdioDoor(fuzzed.server),
        memory: memoryDoor(fuzzed.server),
      };
      return Promise.resolve();
    },
    // When opening fails there is nothing to close.
    close: async () => endpoint?.close(0),
    make,
    async run(input) {
      inside = undefined;
      await doors[input.door](input);
      const fault = inside ?? fuzzed.takeFault();
      insist(fault === undefined, () => `failed inside: ${fault}`);
    },
    *smaller(input) {
      const { messages } = input;
      for (const fewer of fewerItems([...messages.keys()])) {
        yield {
          ...input,
          messages: fewer.map((at) => messages[at]!),
          headers: fewer.map((at) => input.headers[at] ?? []),
        };
      }
      if (input.cuts.length > 0) yield { ...input, cuts: [] };
      for (const [at, message] of messages.entries()) {
        for (const less of smallerMessage(message)) {
          yield { ...input, messages: messages.with(at, less) };
        }
      }
      for (const [at, headers] of input.headers.entries()) {
        for (let name = 0; name < headers.length; name += 2) {
          yield { ...input, headers: input.headers.with(at, headers.toSpliced(name, 2)) };
        }
      }
    },
    show: ({ door, messages, headers, cuts }) =>
      JSON.stringify({ door, messages: messages.map(latin1), headers, cuts }),
  });

  function failInside(error: Error): void {
    inside = String(error.cause);
  }
}

let inside: string | undefined;

function make(random: Random): MessagesInput {
  const door = random.pick(doorNames);
  const modern = door === 'modern' || (door !== 'legacy' && random.chance(60));
  const count = random.chance(75) ? 1 : random.between(2, 4);
  const messages = Array.from({ length: count }, () => makeMessage(random, modern));
  const headers = door === 'modern' ? messages.map((bytes) => headersOf(bytes, random)) : [];
  const cuts = door === 'stdio' ? Array.from({ length: random.below(4) }, () => random.word()) : [];
  return { door, messages, headers, cuts };
}

function headersOf(bytes: Uint8Array, random: Random): string[] {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString());
  } catch {
    // A message that cannot be read is sent with the headers of none.
  }
  return mirrorHeaders(value, random);
}

function* smallerMessage(bytes: Uint8Array): Iterable<Uint8Array> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString());
  } catch {
    yield* fewerBytes(bytes);
    return;
  }
  for (const less of smallerJson(value)) {
    const text = Buffer.from(JSON.stringify(less));
    if (text.length < bytes.length) yield text;
  }
  yield* fewerBytes(bytes);
}
