/** Every bound in the system: name with its unit, default, reason. */

type Unit = 'KiB' | 'MiB' | 'seconds' | 'minutes' | 'hours';

interface Bound {
  readonly default: number;
  /** Absent for counts, and for bytes and ms. A name says what its number is in the end. */
  readonly unit?: Unit;
  readonly why: string;
}

export const limitTable = {
  // one message
  serverMessageBytesMax: { default: 4, unit: 'MiB', why: 'what a client may send in one message' },
  serverMessageNodesMax: { default: 100_000, why: '4 MiB of {} would become 66 MB of objects' },
  clientMessageBytesMax: { default: 32, unit: 'MiB', why: 'results may carry files' },
  clientMessageNodesMax: { default: 1_000_000, why: 'long lists in one result' },
  messageDepthMax: { default: 64, why: 'JSON.stringify overflows the stack near 5,000' },
  objectKeysMax: { default: 10_000, why: 'hash tables built by a stranger stay small' },
  numberLengthMax: { default: 64, why: 'no honest number is longer' },
  stringIdLengthMax: { default: 256, why: 'ids are kept while a call runs' },
  batchMessagesMax: { default: 50, why: 'one reply carries all of them (2025-03-26 only)' },

  // work in flight
  callsInFlightPerPipeMax: { default: 64, why: 'one stdio peer or one legacy session' },
  callsWaitingPerPipeMax: { default: 1024, why: 'queued beyond the above, then refused' },
  callsInFlightMax: { default: 1024, why: 'one process over HTTP' },
  questionsPendingMax: { default: 64, why: 'server questions that one peer has not answered' },
  inputRoundsMax: { default: 10, why: 'a call that asks for ever is a fault' },
  requestStateBytesMax: { default: 64, unit: 'KiB', why: 'it travels with every round' },
  requestStateTtlMs: { default: 60, unit: 'minutes', why: 'people take their time to answer' },
  sealingKeyMs: { default: 24, unit: 'hours', why: 'a key that leaked seals no longer' },
  sealingRingMs: { default: 60, unit: 'seconds', why: 'how soon all nodes know a new key' },
  sealingAskMs: { default: 1, unit: 'seconds', why: 'made-up names of keys ask for no more' },

  // tasks
  tasksMax: { default: 1000, why: 'one process, those whose result is kept included' },
  tasksPerPrincipalMax: { default: 100, why: 'one caller cannot take the place of all' },
  taskTtlMs: { default: 60, unit: 'minutes', why: 'how long a task is kept from its creation on' },
  taskTtlMsMax: { default: 24, unit: 'hours', why: 'whatever a caller or a tool asks for' },
  taskPollMs: { default: 1, unit: 'seconds', why: 'how often a client is asked to look' },
  taskNoticesMax: { default: 100, why: 'progress and logs that wait for somebody to look' },
  taskNoteMs: { default: 1, unit: 'seconds', why: 'how soon other nodes can read what it is at' },
  taskLookMs: { default: 5, unit: 'seconds', why: 'how soon a waiter sees that its node is gone' },
  taskSaveMs: { default: 1, unit: 'seconds', why: 'an outcome that a store did not take' },
  taskMovesMax: { default: 3, why: 'how often a task may change hands while it is looked for' },
  sharedChangesMax: { default: 256, why: 'changes told to other nodes in one message' },
  sharedNoticeBytesMax: { default: 16, unit: 'KiB', why: 'other nodes look up what is longer' },

  // time
  serverCallMs: { default: 30, unit: 'minutes', why: 'long work is normal, endless work is not' },
  clientCallMs: {
    default: 60,
    unit: 'seconds',
    why: 'the field expects a minute; progress extends it',
  },
  clientCallMsMax: { default: 30, unit: 'minutes', why: 'progress cannot extend a call past this' },
  probeMs: { default: 5, unit: 'seconds', why: 'a silent stdio server is a legacy one' },
  headCommitMs: { default: 5, unit: 'seconds', why: 'proxies drop replies without a first byte' },
  legacyHeadCommitMs: { default: 250, why: 'a resumable reply must begin before it is cut' },
  keepAliveMs: {
    default: 15,
    unit: 'seconds',
    why: 'proxies close silent streams after 30 to 60 s',
  },
  drainMs: { default: 30, unit: 'seconds', why: 'how long close() lets calls finish' },
  nodeEndMs: { default: 5, unit: 'seconds', why: 'how much longer a process of several may take' },

  // streams
  eventBatchBytes: { default: 16, unit: 'KiB', why: 'events that leave in one write' },
  answersTogetherMs: { default: 1, why: 'and how long the first of them waits for a busy turn' },
  answersTogetherMax: { default: 32, why: 'answers of one turn that leave at its end' },
  outboxBytesMax: { default: 1, unit: 'MiB', why: 'what a slow reader may have waiting' },
  slowReaderMs: { default: 30, unit: 'seconds', why: 'a reader that takes no byte is cut' },
  streamsMax: { default: 4096, why: 'open event streams in one process' },
  streamsKeptPerSessionMax: { default: 128, why: 'streams of a session that can be come back to' },
  listensPerPeerMax: { default: 64, why: 'subscriptions/listen at once on one connection' },
  subscriptionsPerSessionMax: {
    default: 400,
    why: 'resources one legacy session may watch, all of which may be told of at once',
  },

  // legacy sessions
  sessionsMax: { default: 10_000, why: 'one process' },
  sessionIdleMs: { default: 30, unit: 'minutes', why: 'forgotten sessions free themselves' },
  sessionTotalMs: { default: 24, unit: 'hours', why: 'a stolen id is worth a day at most' },
  sessionRenewMs: {
    default: 5,
    unit: 'minutes',
    why: 'how late a client may come with a new token',
  },
  sessionInitializeMs: { default: 60, unit: 'seconds', why: 'handshakes are finished or dropped' },
  sealedSessionLengthMax: { default: 1024, why: 'it goes into a header of every request' },
  sealedSessionsRecentMax: { default: 1000, why: 'those that need not be opened again' },
  sessionRecordBytesMax: {
    default: 64,
    unit: 'KiB',
    why: 'read again for each request on many nodes',
  },
  storedSessionsMax: { default: 100_000, why: 'in a store that several nodes share' },
  sessionSavesMax: { default: 8, why: 'tries, while other nodes change the same session' },
  writerCheckMs: {
    default: 5,
    unit: 'seconds',
    why: 'how soon a dead writer of a stream is noticed',
  },
  followBytesMax: {
    default: 64,
    unit: 'KiB',
    why: 'what is read ahead of a reader of a stream that has missed more',
  },
  sessionSaveMs: { default: 3, unit: 'minutes', why: 'how exactly a store knows of the last use' },
  earlyCancelsMax: { default: 64, why: 'cancelled ids of one session whose request is on its way' },
  earlyCancelMs: { default: 10, unit: 'seconds', why: 'how far a cancellation may be ahead' },
  sweepMs: {
    default: 5,
    unit: 'seconds',
    why: 'one sweep for all sessions instead of a timer each',
  },
  eventsPerStreamMax: { default: 1000, why: 'what a cut reader may still fetch' },
  eventBytesPerStreamMax: { default: 4, unit: 'MiB', why: 'as above, in bytes' },
  eventBytesPerSessionMax: { default: 16, unit: 'MiB', why: 'all streams of one session' },
  eventBytesMax: { default: 256, unit: 'MiB', why: 'all sessions of one process' },
  eventTtlMs: { default: 10, unit: 'minutes', why: 'how late a reader may come back' },
  retryMs: { default: 1, unit: 'seconds', why: 'what a cut reader is told to wait' },

  // stores of other processes
  storeCommandMs: { default: 2, unit: 'seconds', why: 'a store that is away is not waited for' },
  storeRetryMs: { default: 250, why: 'how soon a store that is away is tried again' },
  storeOutageMs: {
    default: 15,
    unit: 'seconds',
    why: 'events wait so long for a store that is away',
  },
  storeComparesMax: { default: 60, why: 'looks for what a store has lost, while it fails' },
  storeCallsMax: { default: 10_000, why: 'calls of one process that wait for its answers' },
  storeConnectMs: { default: 5, unit: 'seconds', why: 'how long the first connection may take' },
  storeReplicaMs: { default: 500, why: 'how long replicas may take, where they are waited for' },
  storeReconnectMsMax: { default: 1, unit: 'seconds', why: 'the longest rest between attempts' },
  storeBytesWaitingMax: { default: 64, unit: 'MiB', why: 'what a slow store has not taken yet' },
  storeForgetMax: { default: 256, why: 'what is over and one step of a store forgets' },
  storeLogBytesMax: { default: 4, unit: 'MiB', why: 'what the log of a file is cut to' },
  clusterLeaseMs: { default: 10, unit: 'seconds', why: 'a node silent for so long is dead' },
  clusterMissedEveryMs: { default: 250, why: 'looks for what a node may have missed, at most' },
  clusterMissedMs: {
    default: 60,
    unit: 'seconds',
    why: 'how long ago another may have taken a stream of GET over from one that missed something',
  },
  clusterRenewMs: { default: 3, unit: 'seconds', why: 'how often a node says that it lives' },
  clusterSeenMs: { default: 1, unit: 'seconds', why: 'how long it is known that a node lives' },
  clusterSeenMax: { default: 1000, why: 'nodes of which this is known' },
  clusterAskMs: { default: 5, unit: 'seconds', why: 'how long a node may take to answer another' },
  clusterAsksMax: { default: 10_000, why: 'questions to other nodes that wait for an answer' },
  clusterMessageBytesMax: {
    default: 8,
    unit: 'MiB',
    why: 'an answer of a client is handed on whole, once as a text in a text',
  },

  // the HTTP edge
  headerBytesMax: { default: 16, unit: 'KiB', why: "Node's own bound, stated" },
  headersMax: { default: 100, why: 'requests of this protocol need about ten' },
  headersMs: { default: 10, unit: 'seconds', why: 'slow headers' },
  bodyMs: { default: 30, unit: 'seconds', why: 'slow bodies' },
  bodyGraceMs: { default: 5, unit: 'seconds', why: 'then a body keeps up the pace below' },
  bodyBytesPerSecondMin: { default: 1, unit: 'KiB', why: 'slower than this is no honest line' },
  slowCheckMs: { default: 1, unit: 'seconds', why: 'how often slow clients are looked for' },
  connectionsMax: { default: 4096, why: 'one process' },
  connectionsPerAddressMax: { default: 256, why: 'one stranger cannot take the place of all' },
  requestsPerConnectionMax: { default: 10_000, why: 'connections are renewed now and then' },
  idleConnectionMs: { default: 10, unit: 'seconds', why: 'idle keep-alive' },
  tlsHandshakeMs: { default: 10, unit: 'seconds', why: 'slow handshakes' },
  tlsReloadMs: { default: 5, unit: 'seconds', why: 'how soon a renewed certificate is in use' },
  preflightMs: { default: 10, unit: 'minutes', why: 'how long a page may remember a preflight' },

  // strangers: where callers are verified, or come by a public name
  requestsPerSecondMax: { default: 100, why: 'one principal, sustained' },
  requestBurstMax: { default: 200, why: 'one principal, at once' },
  strangerRequestsPerSecondMax: { default: 20, why: 'one address that nobody vouches for' },
  strangerRequestBurstMax: { default: 40, why: 'as above, at once' },
  failedLoginsPerMinuteMax: { default: 10, why: 'one address guessing tokens' },
  sessionsPerMinuteMax: { default: 60, why: 'handshakes of one principal' },
  rateKeysMax: { default: 100_000, why: 'callers told apart; those beyond share one bucket' },
  sessionsPerPrincipalMax: { default: 100, why: 'one caller cannot take the place of all' },
  streamsPerPrincipalMax: { default: 64, why: 'as above' },
  callsPerPrincipalMax: { default: 128, why: 'as above' },

  // tokens
  tokenBytesMax: { default: 8, unit: 'KiB', why: 'half of what all headers may have' },
  authorizationsMax: { default: 3, why: 'refusals of one request that a client acts upon' },
  stepUpsMax: { default: 8, why: 'how often one connection asks a person to allow more' },
  challengeLengthMax: { default: 16_384, why: 'what is read of what a refusal says' },
  challengeScopesMax: { default: 64, why: 'a person reads them, and they go into an address' },
  loginMs: { default: 10, unit: 'minutes', why: 'a person finds the password, or does not' },
  tokenEntriesMax: { default: 10_000, why: 'what a token store in memory keeps, oldest first out' },
  tokenLockMs: { default: 60, unit: 'seconds', why: 'who holds a token store longer has died' },
  renewEarlyMs: {
    default: 10,
    unit: 'seconds',
    why: 'a token that ends within a call may end before it is looked at',
  },
  renewRestMs: { default: 1, unit: 'seconds', why: 'after a renewal; doubled by each that failed' },
  renewRestMsMax: { default: 60, unit: 'seconds', why: 'the longest rest after renewals failed' },
  tokenSkewMs: { default: 60, unit: 'seconds', why: 'how far two clocks may be apart' },
  discoveryBytesMax: { default: 64, unit: 'KiB', why: 'metadata of an authorization server' },
  discoveryMs: { default: 10, unit: 'seconds', why: 'one answer of an authorization server' },
  issuersMax: { default: 4, why: 'authorization servers of one server that are tried' },
  jwksBytesMax: { default: 256, unit: 'KiB', why: 'the keys of an issuer' },
  jwksMs: { default: 10, unit: 'minutes', why: 'a key that was taken back is believed no longer' },
  jwksRefreshMs: { default: 60, unit: 'seconds', why: 'tokens with made-up keys ask for no more' },
  jwksRetryMs: { default: 5, unit: 'seconds', why: 'an issuer in trouble is asked no more often' },
  jwksStaleMs: {
    default: 60,
    unit: 'minutes',
    why: 'how long older keys are used while newer ones cannot be had',
  },
  unnamedKeysMax: { default: 8, why: 'keys tried for a token that names none: each is a check' },
  kidLengthMax: { default: 256, why: 'no honest name of a key is longer' },
  introspectionMs: { default: 60, unit: 'seconds', why: 'a revoked token is believed no longer' },
  introspectionsMax: { default: 1000, why: 'answers about tokens that are kept' },
  keyFileCheckMs: { default: 1, unit: 'seconds', why: 'how soon a revoked API key is refused' },
  keyFileBytesMax: { default: 4, unit: 'MiB', why: 'some 10,000 API keys' },

  // overload
  loadCheckMs: { default: 500, why: 'how often lag and heap are looked at' },
  loopLagMsMax: { default: 200, why: 'beyond it, new work makes everything later' },
  loadCrowdMin: {
    default: 16,
    why: 'requests about the same time; lag among fewer is no overload',
  },
  heapPercentShed: { default: 85, why: 'no new sessions, streams and calls' },
  heapPercentCut: { default: 92, why: 'idle streams are cut, oldest first' },

  // what a server offers
  pageItemsMax: { default: 1000, why: 'items in one page of a list' },
  itemsMax: { default: 10_000, why: 'tools, resources or prompts of one server' },
  listViewsMax: { default: 64, why: 'lists kept ready, one for each set of scopes' },
  completionValuesMax: { default: 100, why: 'the specification says at most 100' },
  uriBytesMax: { default: 8, unit: 'KiB', why: 'matching is linear, still' },

  // a client
  pagesMax: { default: 100, why: 'automatic paging stops at a server that never ends' },
  listedItemsMax: { default: 100_000, why: 'what automatic paging collects in memory' },
  callRetriesMax: { default: 1, why: 'of one call whose answer was lost; more help nobody' },
  callRetriesPerMinuteMax: { default: 60, why: 'a failing server is not stormed with retries' },
  cacheEntriesMax: { default: 1000, why: 'answers kept by one client' },
  cacheBytesMax: { default: 8, unit: 'MiB', why: 'as above, in bytes' },
  cacheTtlMsMax: { default: 24, unit: 'hours', why: 'what a server may ask us to keep' },
  eraVerdictsMax: { default: 1000, why: 'servers whose era one process remembers' },
  eraVerdictMs: { default: 60, unit: 'minutes', why: 'servers are updated now and then' },
  reconnectsMax: { default: 10, why: 'in a row, then the stream is given up' },
  reconnectMsMin: { default: 100, why: 'a server cannot make us spin' },
  reconnectMsMax: { default: 30, unit: 'seconds', why: 'ceiling of the back-off' },
  askedRetryMsMax: {
    default: 60,
    unit: 'minutes',
    why: 'a server may have us wait, but not for ever',
  },
  streamIdleMs: { default: 60, unit: 'seconds', why: 'a live server says something every 15 s' },
  refusalBytesMax: { default: 1, unit: 'MiB', why: 'what a refused request is told why' },
  serverTokenLengthMax: { default: 1024, why: 'session and event ids, which travel in headers' },
  cursorLengthMax: { default: 65_536, why: 'each is kept while the pages of a list are read' },
  listedBytesMax: { default: 64, unit: 'MiB', why: 'all pages of a list, roughly' },
  lingerMs: { default: 1, unit: 'seconds', why: 'a stream that has answered ends, or is cut' },
  sessionEndMs: {
    default: 2,
    unit: 'seconds',
    why: 'close() waits this long for the server to agree',
  },
  proxyConnectMs: { default: 30, unit: 'seconds', why: 'how long a proxy may take for a tunnel' },
  redirectsMax: { default: 3, why: 'and never across origins' },

  // child processes
  stdinCloseMs: { default: 2, unit: 'seconds', why: 'a server should exit when its input ends' },
  terminateMs: { default: 3, unit: 'seconds', why: 'then SIGKILL' },
  stderrBytesMax: { default: 64, unit: 'KiB', why: 'the newest of it are kept for errors' },
  stderrBytesPerSecondMax: { default: 1, unit: 'MiB', why: 'more of it is counted and dropped' },
  restartMs: { default: 1, unit: 'seconds', why: 'first ceiling of the back-off after a crash' },
  restartMsMax: { default: 60, unit: 'seconds', why: 'last; who lives this long begins anew' },
  restartsMax: { default: 5, why: 'within the time below: more of them help nobody' },
  restartWindowMs: { default: 5, unit: 'minutes', why: 'see above' },
  restartPauseMs: { default: 60, unit: 'seconds', why: 'then one more start is tried' },
  childSilentMs: {
    default: 30,
    unit: 'seconds',
    why: 'who lets a call time out must then say something: a ping asks for it',
  },
  killCommandMs: {
    default: 10,
    unit: 'seconds',
    why: 'what ends a container that was left behind',
  },
  toolAnswerMs: { default: 5, unit: 'seconds', why: 'a tool of the system that hangs is not used' },
  commandLineBytesMax: {
    default: 128,
    unit: 'KiB',
    why: 'more than any honest one has, less than systems take',
  },
  noiseLinesMax: { default: 20, why: 'lines that are no message, per minute' },

  // configuration files of the command line
  configBytesMax: { default: 1, unit: 'MiB', why: 'a file that people write' },
  configServersMax: { default: 1000, why: 'servers of one file' },
  consentLengthMax: { default: 16_384, why: 'what nobody would read is not agreed to' },
  approvalsMax: { default: 1000, why: 'approved servers of one user, the newest' },

  // JSON Schema
  schemaDepthMax: { default: 32, why: 'nesting of a schema' },
  schemaNodesMax: { default: 1000, why: 'subschemas of a schema' },
  schemaStepsMax: { default: 1_000_000, why: 'work of checking one value' },
} as const;

Object.freeze(limitTable);

export type LimitName = keyof typeof limitTable;
export type Limits = { readonly [name in LimitName]: number };

const factors: { readonly [unit in Unit]: number } = {
  KiB: 1024,
  MiB: 1024 * 1024,
  seconds: 1000,
  minutes: 60_000,
  hours: 3_600_000,
};

/** All bounds at their defaults: counts, bytes and ms. */
export const defaultLimits: Limits = Object.freeze(
  Object.fromEntries(
    Object.entries<Bound>(limitTable).map(([name, bound]) => [name, inBaseUnit(bound)]),
  ) as Record<LimitName, number>,
);

function inBaseUnit(bound: Bound): number {
  return bound.unit === undefined ? bound.default : bound.default * factors[bound.unit];
}

/** Defaults with `changes` over them. Throws a RangeError that names an unknown or absurd bound. */
export function resolveLimits(changes: Partial<Limits> = {}): Limits {
  for (const [name, value] of Object.entries(changes)) {
    if (!Object.hasOwn(limitTable, name)) {
      throw new RangeError(`There is no limit named "${name}". See limitTable for all names.`);
    }
    if (!(typeof value === 'number' && value >= 0)) {
      throw new RangeError(`The limit "${name}" must be a number of at least 0.`);
    }
  }
  return Object.freeze({ ...defaultLimits, ...changes });
}
