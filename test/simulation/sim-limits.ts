import type { Limits } from '../../src/limits.js';
import type { Dice } from './dice.js';

/** Bounds that are reached within a schedule. */
export function drawLimits(dice: Dice): Partial<Limits> {
  return {
    clientCallMs: 8000,
    clientCallMsMax: 40_000,
    serverCallMs: 20_000,
    probeMs: 2000,
    headCommitMs: dice.pick([50, 500]),
    legacyHeadCommitMs: dice.pick([0, 100]),
    keepAliveMs: 4000,
    drainMs: dice.pick([0, 1000, 5000]),
    eventBatchBytes: 2048,
    followBytesMax: 2048,
    outboxBytesMax: dice.pick([4096, 16_384]),
    slowReaderMs: 4000,
    sessionIdleMs: 30_000,
    sessionInitializeMs: 10_000,
    sessionSaveMs: 5000,
    sweepMs: 3000,
    eventsPerStreamMax: dice.pick([2, 1000]),
    streamsKeptPerSessionMax: dice.pick([3, 128]),
    eventTtlMs: 15_000,
    retryMs: 200,
    reconnectMsMin: 20,
    reconnectMsMax: 2000,
    streamIdleMs: 10_000,
    lingerMs: 300,
    sessionEndMs: 1000,
    requestStateTtlMs: 15_000,
    earlyCancelMs: 2000,
    childSilentMs: 2000,
    restartMs: 50,
    restartMsMax: 1000,
    restartPauseMs: 2000,
    callsInFlightPerPipeMax: dice.pick([2, 64]),
  };
}
