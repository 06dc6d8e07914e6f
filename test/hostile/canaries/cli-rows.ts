/** Secrets that are handed to the command line. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import {
  configFile,
  folder,
  freshState,
  plainServer,
  serverScript,
} from '../../unit/cli/config-files.js';
import type { CanaryRow } from './http-rows.js';
import type { World } from './world.js';

/** The words that follow `sallyport`, and its environment. */
type Line = readonly [words: readonly string[], env?: { readonly [name: string]: string }];

const row = (name: string, line: (canary: string, world: World) => Line): CanaryRow => ({
  name,
  async bring(canary, world) {
    const [words, env] = line(canary, world);
    for (const output of [[], ['--json']]) {
      await world.sallyport([...output, ...words], {
        env: { XDG_STATE_HOME: freshState(), ...env },
      });
    }
  },
});

/** The words for a configuration; what stands in the file was brought, too. */
function withConfig(world: World, entry: object): readonly string[] {
  const content = JSON.stringify({ mcpServers: { s: entry } });
  world.came.push(content);
  return ['--config', configFile(content)];
}

function withFile(world: World, text: string): string {
  world.came.push(text);
  const file = join(mkdtempSync(join(folder, 'secret-')), 'file');
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}

const nobody = 'http://127.0.0.1:9/mcp';
const closed = 'Authorization: Bearer ';

const headers: readonly CanaryRow[] = [
  row('a header for a server that is not there', (canary) => [
    ['tools', nobody, '-H', closed + canary],
  ]),
  row('a header that the server refuses', (canary, { url }) => [
    ['tools', url, '-H', closed + canary],
  ]),
  row('a header that the server takes', (canary, { url }) => [
    ['call', url, 'relay', '-H', `${closed}good-${canary}`],
  ]),
  row('a header that is malformed', (canary, { url }) => [['tools', url, '-H', `${canary}`]]),
  row('a file of headers', (canary, world) => [
    ['call', world.url, 'relay', '--header-file', withFile(world, `${closed}good-${canary}`)],
  ]),
  row('a file of headers that is malformed', (canary, world) => [
    ['tools', world.url, '--header-file', withFile(world, `no header ${canary}`)],
  ]),
  {
    name: 'headers for a server that sends its clients elsewhere',
    async bring(canary, world) {
      await using mover = await openMover(world);
      await world.sallyport(['tools', mover.url, '-H', closed + canary, '-H', `X-Key: ${canary}`]);
    },
  },
  {
    name: 'a key in an address, which a server repeats to send its clients elsewhere',
    async bring(canary, world) {
      await using mover = await openMover(world);
      await world.sallyport(['tools', `${mover.url}?api_key=${canary}`]);
    },
  },
];

/** Sends whoever comes on to the other server. */
async function openMover({ upstream }: World): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer((request, response) =>
    response.writeHead(307, { location: upstream + request.url }).end(),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const addresses: readonly CanaryRow[] = [
  row('a key in an address', (canary) => [['ping', `${nobody}?api_key=${canary}`]]),
  row('a password in an address', (canary) => [['ping', `http://ann:${canary}@127.0.0.1:9/mcp`]]),
  row('a key in the address of a file', (canary, world) => [
    ['servers', ...withConfig(world, { url: `https://mcp.example/?api_key=${canary}` })],
  ]),
  row('a password in the address of a file', (canary, world) => [
    ['doctor', ...withConfig(world, { url: `https://ann:${canary}@mcp.example/` })],
  ]),
];

const environment: readonly CanaryRow[] = [
  row('a variable that no server is given', (canary) => [
    ['call', 'tell', '--', serverScript],
    { TOLD: canary, GITHUB_TOKEN: canary },
  ]),
  row('a variable of this shell, to a doctor', (canary) => [
    ['doctor', '--', serverScript, `--key=${canary}`],
    { GITHUB_TOKEN: canary },
  ]),
  row('a variable that a server repeats on standard error', (canary) => [
    ['ping', '-e', `MY_TOKEN=${canary}`, '--', process.execPath, '-e', repeats],
  ]),
  row('a variable of a file', (canary, world) => [
    ['servers', ...withConfig(world, plainServer([], { env: { API_KEY: canary } }))],
  ]),
  row('a variable that a file wants', (canary, world) => [
    ['ping', ...withConfig(world, plainServer(['--key=${MY_TOKEN}'])), 's'],
    { MY_TOKEN: canary },
  ]),
];

const repeats = 'console.error("I was given " + process.env.MY_TOKEN)';

const words: readonly CanaryRow[] = [
  row('an argument of a command, to a doctor', (canary) => [
    ['doctor', '--', serverScript, '--api-key', canary],
  ]),
  row('an argument in a file', (canary, world) => [
    ['doctor', ...withConfig(world, plainServer([`--token=${canary}`]))],
  ]),
  row('an argument in a file that nobody has agreed to', (canary, world) => [
    ['ping', ...withConfig(world, plainServer(['--password', canary])), 's'],
  ]),
  row('a header in a file', (canary, world) => [
    [
      'servers',
      ...withConfig(world, { url: nobody, headers: { Authorization: `Bearer ${canary}` } }),
    ],
  ]),
  row('a header in a file, to a doctor', (canary, world) => [
    ['doctor', ...withConfig(world, { url: nobody, headers: { 'X-Api-Key': canary } })],
  ]),
];

const programs: readonly CanaryRow[] = [
  row('the secret of a program', (canary, world) => {
    const file = withFile(world, JSON.stringify({ clientId: 'nightly', clientSecret: canary }));
    return [['tools', world.url, '--client-credentials', file]];
  }),
  row('the secret of a program, malformed', (canary, world) => {
    const file = withFile(world, `{"clientSecret":"${canary}"`);
    return [['tools', world.url, '--client-credentials', file]];
  }),
];

export const cliRows: readonly CanaryRow[] = [
  ...headers,
  ...addresses,
  ...environment,
  ...words,
  ...programs,
];
