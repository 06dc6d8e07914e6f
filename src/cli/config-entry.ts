import { isJsonObject, type JsonObject } from '../json-rpc/message.js';
import { type SandboxOptions, sandboxProfiles } from '../transports/stdio/sandbox.js';
import { boundNames } from '../transports/stdio/sandbox/limits.js';
import { refused } from './config-text.js';
import type { Failure } from './failure.js';
import { closest } from './suggest.js';

/** One server of a configuration, as it is written there: nothing is filled in yet. */
export type ServerEntry = StdioEntry | HttpEntry;

interface AnyEntry {
  readonly name: string;
  readonly disabled: boolean;
}

export interface StdioEntry extends AnyEntry {
  readonly transport: 'stdio';
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Texts;
  readonly inheritEnv: readonly string[];
  readonly cwd: string | undefined;
  readonly sha256: string | undefined;
  readonly sandbox: SandboxOptions | undefined;
}

export interface HttpEntry extends AnyEntry {
  readonly transport: 'http';
  readonly url: string;
  readonly headers: Texts;
}

export type Texts = { readonly [name: string]: string };

export function readEntry(
  name: string,
  value: unknown,
  path: string,
  warnings: string[],
): ServerEntry {
  const fault = (what: string, next = ''): Failure =>
    refused(path, `has a server "${name}" that ${what}`, next);
  if (!isJsonObject(value)) throw fault('is no object');
  const reader = readerOf(value, fault);
  warnings.push(...Object.keys(value).flatMap((member) => warningFor(member, name)));
  const type = reader.text('type') ?? reader.text('transport');
  if (type !== undefined && !types.includes(type)) {
    throw fault(`has the type "${type}"`, `It is one of ${types.join(', ')}.`);
  }
  const command = reader.text('command');
  const url = reader.text('url') ?? reader.text('serverUrl') ?? reader.text('httpUrl');
  const disabled = value['disabled'] === true || value['enabled'] === false;
  if (command !== undefined && url !== undefined) {
    throw fault('has a command and a URL', 'Leave the one that is meant.');
  }
  if (command !== undefined) {
    if (type !== undefined && type !== 'stdio') {
      throw fault(`has a command, but the type "${type}"`, 'Write "stdio", or a "url".');
    }
    return {
      ...{ name, transport: 'stdio', disabled, command },
      args: reader.list('args'),
      env: reader.texts('env'),
      inheritEnv: reader.list('inheritEnv'),
      cwd: reader.text('cwd'),
      sha256: reader.text('sha256'),
      sandbox: readSandboxMember(value, fault),
    };
  }
  if (url === undefined) throw fault('has neither a command nor a URL', 'Add "command" or "url".');
  if (type === 'stdio') throw fault('has a URL, but the type "stdio"', 'Write "http".');
  return { name, transport: 'http', disabled, url, headers: reader.texts('headers') };
}

const types = ['stdio', 'http', 'streamable-http', 'streamableHttp', 'sse'];

interface MemberReader {
  text(member: string): string | undefined;
  list(member: string): readonly string[];
  texts(member: string): Texts;
}

function readerOf(entry: JsonObject, fault: (what: string) => Failure): MemberReader {
  return {
    text(member) {
      const { [member]: value } = entry;
      if (value === undefined || typeof value === 'string') return value;
      throw fault(`has a "${member}" that is no text`);
    },
    list(member) {
      const { [member]: value = [] } = entry;
      if (isTextList(value)) return value;
      throw fault(`has "${member}" that are no list of texts`);
    },
    texts(member) {
      const { [member]: value = {} } = entry;
      if (!isJsonObject(value)) throw fault(`has a "${member}" that is no object`);
      const pairs = Object.entries(value).filter(([, one]) => one !== null);
      const bad = pairs.find(([, one]) => !['string', 'number', 'boolean'].includes(typeof one));
      if (bad !== undefined) throw fault(`has a "${bad[0]}" in "${member}" that is no text`);
      return Object.fromEntries(pairs.map(([key, one]) => [key, String(one)]));
    },
  };
}

function isTextList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** A sandbox that is not understood is never left out. */
function readSandboxMember(
  { sandbox, sandboxEnabled }: JsonObject,
  fault: (what: string, next?: string) => Failure,
): SandboxOptions | undefined {
  if (sandboxEnabled === true) {
    throw fault('has "sandboxEnabled", which only its editor can do', 'Write "sandbox": "bwrap".');
  }
  if (sandbox === undefined) return undefined;
  const options = typeof sandbox === 'string' ? { profile: sandbox } : sandbox;
  const names = sandboxProfiles.join(', ');
  const next = `Write "sandbox": one of ${names}, or an object with "profile".`;
  if (!isJsonObject(options)) throw fault('has a "sandbox" of no known form', next);
  const { profile } = options;
  if (!sandboxProfiles.some((known) => known === profile)) {
    throw fault(`has no known profile of "sandbox": ${JSON.stringify(profile) ?? 'none'}`, next);
  }
  for (const [member, one] of Object.entries(options)) {
    const check = Object.hasOwn(sandboxMembers, member) ? sandboxMembers[member] : undefined;
    if (check?.(one) === true) continue;
    throw fault(`has a "${member}" in its "sandbox" that is not understood`, next);
  }
  return options as unknown as SandboxOptions;
}

const sandboxMembers: { readonly [member: string]: (value: unknown) => boolean } = {
  profile: () => true,
  roots: isTextList,
  readOnlyRoots: isTextList,
  network: (value) => typeof value === 'boolean',
  image: (value) => typeof value === 'string',
  bounds: (value) =>
    isJsonObject(value) &&
    Object.entries(value).every(
      ([name, n]) => boundNames.includes(name) && Number.isSafeInteger(n),
    ),
};

function warningFor(member: string, server: string): readonly string[] {
  if (readMembers.includes(member) || hostMembers.includes(member)) return [];
  const meant = closest(member, readMembers);
  const next = meant === undefined ? '' : ` Did you mean "${meant}"?`;
  return [`The server "${server}" has a member "${member}" that means nothing here.${next}`];
}

const readMembers = (
  'type transport command args env inheritEnv cwd sha256 sandbox sandboxEnabled url serverUrl ' +
  'httpUrl headers disabled enabled'
).split(' ');

/** What hosts keep there for themselves. */
const hostMembers = (
  'alwaysAllow autoApprove autoStart description dev disabledTools displayName excludeTools ' +
  'enabledTools gallery icon includeTools initTimeout name note notes timeout title tools trust ' +
  'version'
).split(' ');
