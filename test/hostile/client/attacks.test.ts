/** Every attack of a server on its client: it harms a naive one, and ours in neither era. */
import { clientGroups } from './rows/index.js';
import { runClientAttacks } from './run.js';

for (const group of clientGroups) runClientAttacks(group);
