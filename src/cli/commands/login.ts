import type { Command } from 'commander';
import { type LoginRequest, oauth } from '../../auth/oauth.js';
import { endLogin, endReplaced, readLogin, withoutLogin } from '../../auth/stored-login.js';
import { putEntry, storeKeys, type TokenStore } from '../../auth/token-store.js';
import { connect } from '../../connect.js';
import { defaultLimits } from '../../limits.js';
import { exitCodesHelp } from '../exits.js';
import { Failure, usage } from '../failure.js';
import { listenForLogin, type LoginListener } from '../login-listener.js';
import { type AuthOptions, networksIn, readSecret, tokensOf } from '../logins.js';
import { openBrowser } from '../open-browser.js';
import { type GlobalOptions, resultsFor } from '../output.js';
import type { Shell } from '../shell.js';
import { collect } from '../target.js';
import { oneLine } from '../terminal/paint.js';
import type { Reporter } from '../terminal/reporter.js';
import type { CommandParts } from './target-command.js';

interface LoginOptions extends GlobalOptions, AuthOptions {
  readonly browser: boolean;
  readonly scope?: readonly string[];
  readonly clientId?: string;
  readonly clientSecretFile?: string;
  readonly issuer?: string;
  readonly dpop?: boolean;
}

/** The same each time, so that a registration can be used again. */
const usualPort = 43_110;

export function addLogin({ program, shell, reporter }: CommandParts): void {
  const command = addCommand(program, 'login', 'Logs in to a server, for the commands that use it.')
    .option('--no-browser', 'print the address of the login page, and open nothing')
    .option('--scope <scope>', 'to ask for, instead of what the server names', collect)
    .option('--client-id <id>', 'of a client that was registered by hand')
    .option('--client-secret-file <file>', 'its secret')
    .option('--issuer <url>', 'whose client it is, or the one to choose')
    .option('--dpop', 'bind the tokens to a key of this machine');
  command.action(async () => {
    const options = command.optsWithGlobals<LoginOptions>();
    const url = urlIn(command.args);
    const secret = await secretIn(options);
    const listener = await listenForLogin(usualPort);
    try {
      const kept = tokensOf(shell);
      const before = await readLogin(kept, url);
      // What was kept stays until there is something newer, but it is not shown to the server.
      const store = withoutLogin(kept, url);
      const parts = { options, secret, listener, store, shell, reporter: reporter() };
      try {
        await logIn(url, parts);
      } finally {
        await keepClient(url, parts);
      }
      await endReplaced(store, url, before, networksIn(options));
      const tokens = await readLogin(store, url);
      if (tokens === undefined) {
        const text = 'The server asks for no login: it lets this client in as it is.';
        throw new Failure('usage', text, '');
      }
      const results = resultsFor(shell, options);
      const { issuer, scopes } = tokens;
      if (options.json === true) results.json({ server: url, issuer, scopes });
      else results.print(`Logged in to ${oneLine(url)} with ${oneLine(issuer)}.`);
    } finally {
      listener.close();
    }
  });
}

interface LoginParts {
  readonly options: LoginOptions;
  readonly secret: string | undefined;
  readonly listener: LoginListener;
  readonly store: TokenStore;
  readonly shell: Shell;
  readonly reporter: Reporter;
}

async function logIn(url: string, parts: LoginParts): Promise<void> {
  const { options, secret, listener, store, shell, reporter } = parts;
  const { redirectUrl } = listener;
  const { scope: scopes, clientId, issuer } = options;
  const { signal } = shell.interrupts;
  const auth = oauth({
    redirectUrl,
    store,
    onLogin: (request) => answerTo(request, parts),
    dpop: options.dpop === true,
    ...(scopes === undefined ? {} : { scopes }),
    ...(clientId === undefined ? {} : { clientId }),
    ...(secret === undefined ? {} : { clientSecret: secret }),
    ...(issuer === undefined ? {} : { issuer }),
    ...networksIn(options),
  });
  const onWarning = (warning: string): void => reporter.note(warning);
  await using client = await connect(url, { auth, signal, onWarning });
  // A server of sessions may ask who it is only where there is something to see.
  if (client.server.capabilities['tools'] !== undefined) await client.listTools({ signal });
}

/** A client that was registered by hand, for the commands that renew its tokens. */
async function keepClient(
  url: string,
  { options, secret, listener, store }: LoginParts,
): Promise<void> {
  const { clientId } = options;
  const tokens = await readLogin(store, url);
  // Only once tokens came: until then nobody knows whether it is one.
  if (clientId === undefined || tokens?.clientId !== clientId) return;
  const kept = {
    clientId,
    redirectUrl: listener.redirectUrl,
    isByHand: true,
    ...(secret === undefined ? {} : { clientSecret: secret }),
  };
  await putEntry(store, storeKeys.client(tokens.issuer), kept);
}

function answerTo(
  { url, issuer }: LoginRequest,
  { options, listener, shell, reporter }: LoginParts,
): Promise<string> {
  const { signal } = shell.interrupts;
  const state = new URL(url).searchParams.get('state') ?? '';
  const answer = listener.answer(state, { ms: defaultLimits.loginMs, signal });
  // Whole, since its reader decides by it, and also with --quiet and --json.
  const how = options.browser ? 'If no browser opens, visit' : 'Visit';
  reporter.note(`${issuer} wants to know who you are. ${how} this page:`);
  shell.stderr.write(
    options.json === true ? `${JSON.stringify({ login: url })}\n` : `\n  ${url}\n\n`,
  );
  if (options.browser) openBrowser(url, shell.env);
  return answer;
}

async function secretIn({
  clientId,
  clientSecretFile: file,
  issuer,
}: LoginOptions): Promise<string | undefined> {
  if (file === undefined) return undefined;
  if (clientId === undefined) throw usage('There is a secret of no client.', 'Give --client-id.');
  if (issuer === undefined) {
    throw usage('It is not said whose secret that is.', 'Give --issuer: no other one is shown it.');
  }
  return readSecret(file);
}

export function addLogout({ program, shell }: CommandParts): void {
  const command = addCommand(
    program,
    'logout',
    'Forgets a login, here and where it was given out.',
  );
  command.action(async () => {
    const options = command.optsWithGlobals<GlobalOptions & AuthOptions>();
    const url = urlIn(command.args);
    const store = tokensOf(shell);
    const before = await readLogin(store, url);
    const revoked = await endLogin(store, url, networksIn(options));
    const results = resultsFor(shell, options);
    if (options.json === true)
      return results.json({ server: url, was: before !== undefined, revoked });
    if (before === undefined) return results.print(`Nobody was logged in to ${oneLine(url)}.`);
    const also = revoked ? '' : ' The tokens were not revoked: they end by themselves.';
    results.print(`Logged out of ${oneLine(url)}.${also}`);
  });
}

export function addWhoami({ program, shell }: CommandParts): void {
  const command = addCommand(program, 'whoami', 'Tells what is known of the login to a server.');
  command.action(async () => {
    const options = command.optsWithGlobals<GlobalOptions>();
    const url = urlIn(command.args);
    const tokens = await readLogin(tokensOf(shell), url);
    if (tokens === undefined) {
      throw new Failure(
        'auth',
        `Nobody is logged in to ${oneLine(url)}.`,
        'Use "sallyport login".',
      );
    }
    const { issuer, resource, clientId, scopes, expiresAt, refreshToken } = tokens;
    const until = expiresAt === undefined ? undefined : new Date(expiresAt).toISOString();
    const renews = refreshToken !== undefined;
    const results = resultsFor(shell, options);
    if (options.json === true) {
      return results.json({ server: url, issuer, resource, clientId, scopes, until, renews });
    }
    const lines = [
      `server    ${url}`,
      `issuer    ${issuer}`,
      `resource  ${resource}`,
      `client    ${clientId}`,
      `scopes    ${scopes.join(' ') || 'none'}`,
      `until     ${until ?? 'not said'}${renews ? ', then renewed' : ''}`,
    ];
    results.print(lines.map((line) => oneLine(line)).join('\n'));
  });
}

const help = `Examples:
  sallyport login https://mcp.example.com/mcp
  sallyport login https://mcp.example.com/mcp --no-browser --scope files:read
  sallyport whoami https://mcp.example.com/mcp
  sallyport call https://mcp.example.com/mcp greet name=Ada
  sallyport logout https://mcp.example.com/mcp

Tokens are kept in a folder that only you can read: $XDG_STATE_HOME/sallyport/tokens.

${exitCodesHelp}`;

function addCommand(program: Command, name: string, summary: string): Command {
  return program
    .command(name)
    .description(summary)
    .argument('[words...]')
    .usage('[options] URL')
    .option('--allow-network <network>', 'of an authorization server that is not public', collect)
    .configureHelp({ showGlobalOptions: true, visibleArguments: () => [] })
    .addHelpText('after', `\n${help}`);
}

function urlIn([url, ...rest]: readonly string[]): string {
  const isUrl = url !== undefined && /^https?:\/\//i.test(url) && URL.canParse(url);
  if (!isUrl || rest.length > 0) {
    throw usage('One server is wanted, by its URL.', 'Write https://HOST/mcp.');
  }
  return new URL(url).href;
}
