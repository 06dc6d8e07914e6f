import { type ErrorKind, McpError } from '../errors.js';
import { type Exit, exitCodes } from './exits.js';

/** Why a command ends without a result: what happened, and what its user can do next. */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly exit: Exit;
  /** One sentence, or empty when there is nothing to do. */
  readonly next: string;

  constructor(exit: Exit, message: string, next: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.exit = exit;
    this.next = next;
  }

  /** The form of `--json`. */
  toJson(): { readonly [member: string]: unknown } {
    const { cause } = this;
    const error = cause instanceof McpError ? cause.toWire() : { code: exitCodes[this.exit] };
    const hint = this.next === '' ? {} : { next: this.next };
    return { ...error, message: this.message, exit: exitCodes[this.exit], ...hint };
  }
}

export function usage(message: string, next: string): Failure {
  return new Failure('usage', message, next);
}

/** Whatever was thrown, as a Failure. */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  if (!(thrown instanceof McpError)) return ourFault(thrown);
  if (thrown.kind === 'internal' && !thrown.fromPeer) return ourFault(thrown.cause ?? thrown);
  const [exit, next] = adviceOn(thrown);
  return new Failure(exit, sentence(thrown), next, thrown);
}

type Advice = readonly [exit: Exit, next: string];

const byServer: Advice = ['tool', 'The server refused this; its own log may say more.'];
const lost: Advice = ['unreachable', 'Look at the messages of the server, then try again.'];
const busy: Advice = ['unreachable', 'Try again in a while.'];
const path: Advice = ['unreachable', 'Check the path of the URL: most servers are at /mcp.'];

const sandbox: Advice = ['unreachable', '"sallyport doctor" tells what this machine has.'];

function adviceOn({ kind, message }: McpError): Advice {
  // The address is not to blame then, nor is the command.
  if (kind === 'connectionFailed' && message.startsWith('The sandbox ')) return sandbox;
  return advice[kind] ?? byServer;
}

const advice: { readonly [kind in ErrorKind]?: Advice } = {
  unauthorized: [
    'auth',
    'Use "sallyport login URL", or --header-file FILE with "Authorization: Bearer …".',
  ],
  forbidden: ['auth', 'Check what the server allows: its log names the option that refused this.'],
  connectionFailed: ['unreachable', 'Check the address or the command, and that the server runs.'],
  connectionClosed: lost,
  outcomeUnknown: lost,
  unavailable: busy,
  tooManyRequests: busy,
  notFound: path,
  badResponse: path,
  methodNotAllowed: path,
  unsupportedVersion: ['unreachable', 'Leave --era out, so that a common version is looked for.'],
  timeout: ['timeout', 'Allow more time with --timeout SECONDS.'],
  cancelled: ['interrupted', ''],
  methodNotFound: ['tool', 'This server does not offer that: "sallyport ping" shows what it does.'],
  missingClientCapability: ['tool', 'It asks for what this command cannot answer.'],
  resourceNotFound: ['tool', '"sallyport resources" lists what there is.'],
};

function sentence({ message, fromPeer }: McpError): string {
  // What was made of an HTTP status is a whole sentence already.
  return fromPeer && !message.startsWith('The server ')
    ? `The server answered: ${message}`
    : message;
}

function ourFault(thrown: unknown): Failure {
  const message = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  return new Failure('usage', message, 'This looks like a fault of sallyport: please report it.');
}
