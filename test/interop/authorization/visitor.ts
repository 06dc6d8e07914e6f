/** Logs in at a page as a browser would, goes where that leads, and prints what it says there. */
import { logInAt } from './oidc-server.js';

const [url = ''] = process.argv.slice(2);
const page = await fetch(await logInAt(url));
console.log(await page.text());
