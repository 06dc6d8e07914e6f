import { missingPrograms } from './proxies.js';

const missing = missingPrograms();

if (missing.length > 0) {
  const text = `${missing.join(' and ')} not found: install the packages of that name`;
  if (process.env['REQUIRE_SYSTEM'] === '1') throw new Error(text);
  console.warn(`Proxies are skipped. ${text}`);
}

/** Whether the proxies are installed. With REQUIRE_SYSTEM=1 it is an error if they are not. */
export const isReady: boolean = missing.length === 0;
