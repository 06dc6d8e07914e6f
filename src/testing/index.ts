export {
  type ManualClock,
  manualClock,
  type ManualClockOptions,
  type ManualPlatform,
  manualPlatform,
  seededRandom,
} from './clock.js';
export { type MemoryNodes, memoryNodes } from './cluster.js';
export { type Host, type HostOptions, hostServer, type TransportName } from './hosts.js';
export { type Pair, pair, type PairOptions } from './pair.js';
export {
  type Cell,
  createMatrix,
  type Matrix,
  type MatrixOptions,
  type Stage,
  type Where,
} from './matrix.js';
export { type Side, type Wire, type WireFrame } from './wire.js';
export { type BoundedStore, eventBoundsContract } from './contract/bounds.js';
export type { ContractCase } from './contract/cases.js';
export { clusterContract } from './contract/cluster.js';
export { durableStoreContract, type Reopen } from './contract/durable.js';
export { eventStoreContract } from './contract/events.js';
export { keyStoreContract } from './contract/keys.js';
export { type SessionContractOptions, sessionStoreContract } from './contract/sessions.js';
export { sharedStoreContract } from './contract/shared.js';
export { taskStoreContract } from './contract/tasks.js';
