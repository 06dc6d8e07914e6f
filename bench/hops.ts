/** Which hop of a request a function belongs to, by where its code lies. */

const places: readonly (readonly [start: string, hop: string])[] = [
  ['dist/transports/http/guards/', 'guards'],
  ['dist/transports/http/rates', 'guards'],
  ['dist/transports/http/edge-places', 'guards'],
  ['dist/stores/memory-rates', 'guards'],
  ['dist/engine/places', 'guards'],
  ['dist/transports/http/', 'http (ours)'],
  ['dist/transports/stdio/', 'stdio (ours)'],
  ['dist/platform/', 'clock and platform'],
  ['dist/json-rpc/', 'parse'],
  ['dist/eras/classify', 'classify'],
  ['dist/eras/', 'era'],
  ['dist/engine/', 'engine'],
  ['dist/json-schema/', 'arguments'],
  ['dist/server/', 'server'],
  ['dist/stores/', 'stores'],
  ['dist/protocol/', 'protocol'],
  ['dist/', 'the rest of ours'],
  ['fixtures/bench.mjs', 'handler'],
  ['node:_http', 'http (node)'],
  ['node:internal/http', 'http (node)'],
  ['node:net', 'sockets and streams (node)'],
  ['node:internal/stream', 'sockets and streams (node)'],
  ['node:stream', 'sockets and streams (node)'],
  ['node:events', 'sockets and streams (node)'],
  ['node:buffer', 'sockets and streams (node)'],
  ['node:internal/timers', 'timers and queues (node)'],
  ['node:timers', 'timers and queues (node)'],
  ['node:internal/process', 'timers and queues (node)'],
  ['node:internal/async_hooks', 'timers and queues (node)'],
  ['node:', 'the rest of node'],
];

const writes = /^(write|writev|writeUtf8String|writeLatin1String|writeAsciiString|writeBuffer)$/;
const natives: { readonly [name: string]: string } = {
  '(garbage collector)': 'garbage collection',
  '(program)': 'native code, system calls',
  parse: 'JSON',
  stringify: 'JSON',
};

/** Undefined for the time in which nothing ran. */
export function hopOf(frame: {
  readonly functionName: string;
  readonly url: string;
}): string | undefined {
  const { functionName, url } = frame;
  if (functionName === '(idle)') return undefined;
  if (url === '') {
    if (writes.test(functionName)) return 'socket write';
    return natives[functionName] ?? 'native code, system calls';
  }
  return (
    places.find(([start]) => url.startsWith(start) || url.includes(`/${start}`))?.[1] ?? 'other'
  );
}
