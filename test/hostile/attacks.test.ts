/** Every attack of the rows: it harms a naive server, and ours by no door. */
import { groups } from './rows/index.js';
import { runAttacks } from './run.js';

for (const group of groups) runAttacks(group);
