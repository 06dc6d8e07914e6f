import type { Answers } from '../client/answers.js';
import type { CallOptions } from '../client/call.js';
import type { Client } from '../client/client.js';
import { connect } from '../connect.js';
import { McpError } from '../errors.js';
import { credentialsFor } from './logins.js';
import type { Shell } from './shell.js';
import type { Aimed, TargetOptions } from './target.js';
import type { Reporter } from './terminal/reporter.js';

/** A connection for the length of one command. */
export interface Session {
  readonly client: Client;
  /** For each request: Ctrl-C cancels it, progress is shown, and it does not last for ever. */
  readonly call: CallOptions;
  note(text: string): void;
}

export interface SessionParts {
  readonly shell: Shell;
  readonly aimed: Aimed;
  readonly options: TargetOptions;
  readonly reporter: Reporter;
  readonly answers: Answers;
}

/** Connects, runs `action`, and ends the connection, whatever happened. */
export async function withSession<T>(
  parts: SessionParts,
  action: (session: Session) => Promise<T>,
): Promise<T> {
  const { shell, options, reporter } = parts;
  const { signal } = shell.interrupts;
  const cancelling = (): void => {
    reporter.end();
    reporter.note('Cancelling (Ctrl-C again ends at once) ...');
  };
  signal.addEventListener('abort', cancelling, { once: true });
  let client: Client | undefined;
  try {
    client = await open(parts);
    return await action({
      client,
      call: {
        signal,
        timeoutMs: options.timeout,
        onProgress: (progress) => {
          if (!signal.aborted) reporter.progress(progress);
        },
      },
      note: reporter.note,
    });
  } finally {
    signal.removeEventListener('abort', cancelling);
    reporter.end();
    await client?.close();
  }
}

async function open({ shell, aimed, options, reporter, answers }: SessionParts): Promise<Client> {
  const { target, headers } = aimed;
  const auth =
    typeof target === 'string' ? await credentialsFor(headers, options, shell) : undefined;
  const { signal } = shell.interrupts;
  const giveUp = new AbortController();
  const interrupted = (): void => giveUp.abort(new McpError('cancelled', 'Cancelled.'));
  const late = new McpError('timeout', `The server did not answer within ${options.timeout} ms.`);
  const timer = setTimeout(() => giveUp.abort(late), options.timeout);
  signal.addEventListener('abort', interrupted, { once: true });
  if (signal.aborted) interrupted();
  try {
    return await connect(
      typeof target === 'string'
        ? target
        : { ...target, stderr: (line) => reporter.childLine(line) },
      {
        era: options.era,
        headers,
        ...(auth === undefined ? {} : { auth }),
        answers,
        signal: giveUp.signal,
        logLevel: 'info',
        onLog: (message) => reporter.log(message),
        onWarning: (warning) => reporter.note(warning),
      },
    );
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', interrupted);
  }
}
