/** Every attack of a server on its client: it harms a naive one, and ours in neither era. */
import { clientGroups } from './rows/index.js';
import { runClientAttacks } from './run.js';
import { attacks } from '../advisories.js';

attacks('R');

for (const group of clientGroups) runClientAttacks(group);
