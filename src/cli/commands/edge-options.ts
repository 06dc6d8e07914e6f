import { type Command, InvalidArgumentError, Option } from 'commander';
import { apiKeys, jwt } from '../../auth/index.js';
import type { ListenOptions } from '../../transports/http/index.js';
import { usage } from '../failure.js';

/** How a server may be reached by others than the user of this machine. */
export interface EdgeOptions {
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly allowedHost?: readonly string[];
  readonly allowedOrigin?: readonly string[];
  readonly publicUrl?: string;
  readonly trustedProxy?: readonly string[];
  readonly apiKeys?: string;
  readonly issuer?: string;
}

export function addEdgeOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--tls-cert <file>', 'serve https with this certificate').env('MCP_TLS_CERT'),
    )
    .addOption(new Option('--tls-key <file>', 'its private key').env('MCP_TLS_KEY'))
    .addOption(
      new Option('--public-url <url>', 'the address by which clients know the server')
        .argParser(readPublicUrl)
        .env('MCP_PUBLIC_URL'),
    )
    .addOption(
      new Option('--allowed-host <host>', 'a name beside localhost that it has; repeatable')
        .argParser(listOf(readHost))
        .env('MCP_ALLOWED_HOSTS'),
    )
    .addOption(
      new Option('--allowed-origin <origin>', 'whose web pages may call it; repeatable')
        .argParser(listOf(readOrigin))
        .env('MCP_ALLOWED_ORIGINS'),
    )
    .addOption(
      new Option('--trusted-proxy <network>', 'a proxy that tells who calls; repeatable')
        .argParser(listOf((network) => network))
        .env('MCP_TRUSTED_PROXIES'),
    )
    .addOption(
      new Option('--issuer <url>', 'who may call: bearers of its access tokens (JWT)')
        .argParser(readPublicUrl)
        .env('MCP_ISSUER'),
    )
    .addOption(
      new Option('--api-keys <file>', 'who may call: bearers of keys of "sallyport keys"').env(
        'MCP_API_KEYS',
      ),
    );
}

/** As `listen` takes them. */
export function edgeOptionsFor(options: EdgeOptions): ListenOptions {
  const { tlsCert, tlsKey, publicUrl } = options;
  if ((tlsCert === undefined) !== (tlsKey === undefined)) {
    const missing = tlsCert === undefined ? '--tls-cert' : '--tls-key';
    throw usage('A certificate and its key belong together.', `Add ${missing} FILE`);
  }
  return {
    ...(tlsCert === undefined || tlsKey === undefined
      ? {}
      : { tls: { certFile: tlsCert, keyFile: tlsKey } }),
    ...(publicUrl === undefined ? {} : { publicUrl }),
    allowedHosts: options.allowedHost ?? [],
    allowedOrigins: options.allowedOrigin ?? [],
    trustedProxies: options.trustedProxy ?? [],
    ...authOf(options),
  };
}

function authOf({ apiKeys: file, issuer }: EdgeOptions): Pick<ListenOptions, 'auth'> {
  if (file !== undefined && issuer !== undefined) {
    throw usage('There are two answers to who may call.', 'Leave out --issuer or --api-keys.');
  }
  if (issuer !== undefined) return { auth: jwt({ issuer }) };
  if (file === undefined) return {};
  try {
    return { auth: apiKeys(file) };
  } catch {
    throw usage(`The key file ${file} is not there.`, `Make it: sallyport keys add --file ${file}`);
  }
}

/** What is less strict than it would be by itself, a line each. */
export function loosenings(options: EdgeOptions): readonly string[] {
  const { publicUrl, allowedHost = [], allowedOrigin, trustedProxy } = options;
  const isAsked = options.apiKeys !== undefined || options.issuer !== undefined;
  const names = isAsked ? [] : [...(publicUrl === undefined ? [] : [publicUrl]), ...allowedHost];
  return [
    ...names.map((name) => `Everybody who reaches this server as ${name} may call it.`),
    ...(allowedOrigin ?? []).map((origin) => `Web pages of ${origin} may call this server.`),
    ...(trustedProxy ?? []).map((network) => `What ${network} says of who is calling is believed.`),
  ];
}

/** Each use of an option, and each part between commas, is one more. */
function listOf(read: (text: string) => string) {
  return (text: string, before: readonly string[] = []): readonly string[] => [
    ...before,
    ...text.split(',').map((part) => read(part.trim())),
  ];
}

function readHost(text: string): string {
  if (/^(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::[0-9]{1,5})?$/i.test(text)) return text;
  throw new InvalidArgumentError('Write it like mcp.example or mcp.example:8443.');
}

function readOrigin(text: string): string {
  if (URL.canParse(text) && new URL(text).origin === text.toLowerCase()) return text;
  throw new InvalidArgumentError('Write it like https://app.example, with nothing behind it.');
}

function readPublicUrl(text: string): string {
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return text;
  throw new InvalidArgumentError('Write it like https://mcp.example/mcp');
}
