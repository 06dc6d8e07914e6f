/** Asks for a namespace with ever more room for open files, then with all of it, and says what came. */
import { closeSync, openSync } from 'node:fs';
import { namespacePrefix } from '../../src/transports/stdio/isolation.js';

const open: number[] = [];
try {
  for (;;) open.push(openSync('/dev/null', 'r'));
} catch {
  // There is no room left.
}
const starved: string[] = [];
for (let room = 0; room < 10; room += 2) {
  const found = await namespacePrefix();
  if (typeof found === 'string') starved.push(found);
  for (const fd of open.splice(-2)) closeSync(fd);
}
for (const fd of open) closeSync(fd);
const later = await namespacePrefix();
console.log(JSON.stringify({ starved: starved.length, later: typeof later }));
