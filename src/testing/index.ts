export {
  type ManualClock,
  manualClock,
  type ManualClockOptions,
  type ManualPlatform,
  manualPlatform,
  seededRandom,
} from './clock.js';
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
export { type ContractCase, eventStoreContract, sessionStoreContract } from './store-contract.js';
