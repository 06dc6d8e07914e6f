/** Whether a host can only be this machine: `localhost`, `::1`, or a whole address in 127/8. */
export function isLoopbackHost(host: string): boolean {
  if (host === 'localhost' || host === '::1' || host === '[::1]') return true;
  const bytes = host.split('.');
  // No name may pass for an address: `127.example` is in the hands of whoever registers it.
  return bytes.length === 4 && bytes[0] === '127' && bytes.every(isByte);
}

/** Beside those, names below `localhost`, which no resolver should ask anybody for (RFC 6761). */
export function isLoopbackName(host: string): boolean {
  return isLoopbackHost(host) || host.endsWith('.localhost');
}

/** As `isLoopbackHost`, for the host of a URL. */
export function isLoopbackUrl(url: string | URL): boolean {
  return URL.canParse(String(url)) && isLoopbackHost(new URL(url).hostname);
}

function isByte(text: string): boolean {
  return /^(?:0|[1-9]\d{0,2})$/.test(text) && Number(text) <= 255;
}
