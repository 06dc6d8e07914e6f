/** Which functions of src read what a stranger wrote, so that none is forgotten. */
import { readSources, type Source } from '../../tidy/source.js';

/** All of what these export works on what strangers send. */
const folders = ['json-rpc/', 'json-schema/', 'transports/http/guards/'];

/** Elsewhere a function that does so is called by one of these. */
const reading =
  /^(?:parse|read|match|decode|encode|scan|peek|split|guard|expand|compare|plain|make|from|to)(?=[A-Z])|(?:Decoder|Splitter|Matcher|Key)$|^(?:check|read)$/;
const elsewhere = ['protocol/', 'transports/', 'platform/'];
const notRead = ['protocol/checkers/'];

/** Named so, but without work that grows: why there is no row for it. */
export const withoutRow: { readonly [name: string]: string } = {
  'json-rpc/encode.rememberJson': 'marks an object',
  'json-rpc/encode.encodeShared': 'puts texts together that are kept',
  'json-rpc/encode.textOfShared': 'puts texts together that are kept',
  'json-rpc/encode.isBatch': 'looks at a type',
  'json-rpc/envelope.isObject': 'looks at a type',
  'json-rpc/message.isRequest': 'looks at two members',
  'json-rpc/message.isNotification': 'looks at two members',
  'json-rpc/message.isResponse': 'looks at one member',
  'json-rpc/message.isErrorMessage': 'looks at one member',
  'json-rpc/message.isJsonObject': 'looks at a type',
  'json-rpc/ready-json.hasReadyJson': 'looks at one member',
  'json-rpc/parse.boundsForServer': 'picks bounds',
  'json-rpc/parse.boundsForClient': 'picks bounds',
  'json-schema/character-set.singlePoint': 'makes one pair',
  'json-schema/character-set.pointOf': 'looks at one pair',
  'json-schema/character-set.complement': 'of sets that are written in src',
  'json-schema/character-set.membership': 'within the rows of patterns',
  'json-schema/dialect.readDialect': 'looks a text up',
  'json-schema/dialect.holdings': 'picks a table',
  'json-schema/dialect.schemaFault': 'makes an error',
  'json-schema/logic-keywords.reference': 'within the rows of checks',
  'json-schema/object-keywords.eachProperty': 'within the rows of checks',
  'json-schema/object-keywords.checkInside': 'within the rows of checks',
  'json-schema/object-keywords.has': 'looks at one member',
  'json-schema/resources.isSchemaObject': 'looks at a type',
  'json-schema/run.isUnfinished': 'compares two values',
  'json-schema/run.issueOfEnd': 'compares a few values',
  'json-schema/scalar-keywords.typeCheck': 'within the rows of checks',
  'json-schema/scalar-keywords.typeSentence': 'of at most seven types',
  'json-schema/scalar-keywords.isOfType': 'looks at a type',
  'json-schema/scalar-keywords.plural': 'makes a sentence',
  'json-schema/unevaluated-keywords.withUnevaluated': 'within the rows of checks',
  'transports/http/guards/index.guardsOfMetadata': 'makes a list of guards',
  'transports/http/guards/method.guardMethodOfMetadata': 'makes a guard that compares words',
  'platform/node-proxy.readProxies': 'reads what this process was started with',
  'transports/stdio/expand-variables.readReference': "reads the user's own configuration",
  'transports/stdio/read-stderr.readStderr': 'its lines are within the rows of plain text',
  'protocol/meta.readMeta': 'within the rows of checks',
  'transports/http/guard-options.readGuardOptions': "reads the author's options",
  'transports/http/guards/method.methodNotAllowed': 'makes an error',
  'transports/http/node-body.readBody': 'counts chunks and joins them once',
  'transports/http/read-reply.readEvents': 'hands chunks to the rows of events',
  'transports/http/read-reply.readJson': 'hands bytes to the rows of messages',
  'transports/http/read-reply.readBytes': 'counts chunks and joins them once',
  'transports/http/refusal.readRefusal': 'hands bytes to the rows of messages',
  'transports/http/refusal.readSaid': 'hands bytes to the rows of messages',
  'transports/stdio/expand-variables.expandVariables': "reads the user's own configuration",
  'transports/stdio/sandbox.readSandbox': "reads the user's own configuration",
  'transports/http/guards/body-size.guardBodySize': 'compares a number',
  'transports/http/guards/fetch-metadata.guardFetchMetadata': 'compares two words',
  'transports/http/guards/hidden-exposure.guardHiddenExposure': 'compares an address',
  'transports/http/guards/method.guardMethod': 'compares a word',
  'transports/http/guards/method.isPreflight': 'compares a word',
  'transports/http/guards/index.guardsBeforeAuth': 'makes a list of guards',
  'transports/http/guards/index.guardsBeforeBody': 'makes a list of guards',
  'transports/http/event-ids.encodeStored': 'within the rows of encodeSseEvent',
  'transports/http/event-ids.encodePriming': 'within the rows of encodeSseEvent',
  'transports/http/sse-encode.encodeSseMessage': 'puts a text in one line between two others',
};

/** The functions that need a row, as `folder/file.name`. */
export function readersIn(sources: readonly Source[] = readSources('src')): string[] {
  return sources.flatMap((source) => {
    const { path } = source;
    const all = folders.some((folder) => path.startsWith(folder));
    const some = elsewhere.some((folder) => path.startsWith(folder));
    if ((!all && !some) || notRead.some((folder) => path.startsWith(folder))) return [];
    return functionsOf(source)
      .filter((name) => all || reading.test(name))
      .map((name) => `${path.slice(0, -'.ts'.length)}.${name}`);
  });
}

/** Exported functions, and constants that hold one. */
function functionsOf({ text, tree }: Source): string[] {
  const names: string[] = [];
  for (const statement of tree.program.body) {
    if (statement.type !== 'ExportNamedDeclaration') continue;
    const { declaration } = statement;
    if (declaration?.type === 'FunctionDeclaration') names.push(declaration.id!.name);
    if (declaration?.type !== 'VariableDeclaration') continue;
    for (const { id, init } of declaration.declarations) {
      const isFunction = init?.type === 'ArrowFunctionExpression';
      if (id.type === 'Identifier' && isFunction)
        names.push(text.slice(id.start, id.end).split(':')[0]!);
    }
  }
  return names;
}
