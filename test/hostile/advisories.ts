/**
 * Classes of known vulnerabilities of MCP servers, clients and gateways, by what caused them, with
 * an instance of each. docs/threats.md says what stops them here.
 */
export const advisoryClasses = {
  A: 'rebinding: no check of Host and Origin (CVE-2025-66414, CVE-2025-9611)',
  B: 'a safe default that was lost again',
  C: 'cross-site requests that need no preflight (CVE-2026-33252)',
  D: 'CORS that lets everybody read',
  E: 'a session that belongs to nobody (CVE-2026-33946)',
  F: 'predictable ids (CVE-2025-6515)',
  G: 'replay across sessions (GHSA-84j6-jc92-77jm)',
  H: 'answers that go to another client (CVE-2026-25536)',
  I: 'a second endpoint or an empty list without authentication (CVE-2026-33032)',
  J: 'a control plane that starts commands (CVE-2025-49596)',
  K: 'a gateway that trusts headers (GHSA-g53w-w6mj-hrpp)',
  L: 'URLs built from Host (CVE-2026-48710)',
  M: 'an exception that ends the process (CVE-2025-53365)',
  N: 'something without a bound (CVE-2026-39313)',
  O: 'more than linear work (CVE-2026-0621)',
  P: 'two readers, two messages (CVE-2026-27896)',
  Q: 'line ends that end an event or a header (CVE-2026-29085)',
  R: 'a client that believes its server (CVE-2025-6514)',
  S: 'tokens for somebody else (GHSA-5h2m-4q8j-pqpj)',
  T: 'paths that leave their folder (CVE-2025-53109)',
  U: 'a tool or a configuration that changed after approval (CVE-2025-54136)',
  V: 'request smuggling (CVE-2026-1525)',
  W: 'processes that outlive their parent',
} as const;

export type AdvisoryClass = keyof typeof advisoryClasses;

/** Classes whose parts of Sallyport are still to come, so that nothing can be attacked yet. */
export const awaited: readonly AdvisoryClass[] = ['K', 'T'];

/** Says that the tests that follow attack these classes; gate.test.ts looks for it. */
export function attacks(..._names: readonly [AdvisoryClass, ...AdvisoryClass[]]): void {}
