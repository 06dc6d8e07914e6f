/** Addresses that no stranger may have an authorization client ask, by the trick in them. */

/** What names stand for: each question takes the next answer, the last one again and again. */
export type Zone = { readonly [name: string]: readonly (readonly string[])[] };

export interface SsrfRow {
  readonly url: string;
  /** What the user typed. Default: a server in public. */
  readonly typed?: string;
  readonly zone?: Zone;
  /** Where each address redirects to. */
  readonly redirects?: { readonly [url: string]: string };
}

export interface SsrfKind {
  readonly rows: readonly SsrfRow[];
  /** As alike as can be, and allowed. */
  readonly twin: SsrfRow;
}

const at = (...hosts: readonly string[]): SsrfRow[] =>
  hosts.map((host) => ({ url: `https://${host}/.well-known/x` }));
const named = (answers: readonly (readonly string[])[]): SsrfRow => ({
  url: 'https://login.example/x',
  zone: { 'login.example': answers },
});
const local = 'http://127.0.0.1:3000/mcp';
const here = 'https://login.example/a';
const zone: Zone = { 'login.example': [['93.184.216.34']], 'other.example': [['93.184.216.35']] };
const redirecting = (to: string): SsrfRow => ({ url: here, zone, redirects: { [here]: to } });

export const ssrfKinds: { readonly [kind: string]: SsrfKind } = {
  'IPv4 that is not public': {
    rows: at(
      ...['0.0.0.0', '0.1.2.3', '10.0.0.1', '10.255.255.254', '100.64.0.1', '100.127.255.254'],
      ...['127.0.0.1', '127.1.2.3', '169.254.169.254', '169.254.0.1', '172.16.0.1'],
      ...['172.31.255.254', '192.0.0.1', '192.0.0.170', '192.0.2.1', '192.88.99.1', '192.168.0.1'],
      ...['198.18.0.1', '198.19.255.254', '198.51.100.7', '203.0.113.9', '224.0.0.1'],
      ...['239.255.255.255', '240.0.0.1', '255.255.255.255'],
    ),
    twin: at('93.184.216.34')[0]!,
  },
  'IPv6 that is not public': {
    rows: at(
      ...['[::]', '[::1]', '[fe80::1]', '[febf::1]', '[fc00::1]', '[fd12:3456::1]', '[ff02::1]'],
      ...['[ff0e::1]', '[fec0::1]', '[100::1]', '[2001::1]', '[2001:db8::1]', '[2001:10::1]'],
      ...['[3fff::1]', '[4000::1]', '[5f00::1]'],
    ),
    twin: at('[2606:2800:220:1:248:1893:25c8:1946]')[0]!,
  },
  'IPv4 within IPv6': {
    rows: at(
      ...['[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::ffff:10.0.0.1]', '[::ffff:169.254.169.254]'],
      ...['[::127.0.0.1]', '[::ffff:0:127.0.0.1]', '[64:ff9b::127.0.0.1]', '[64:ff9b::a00:1]'],
      ...['[64:ff9b:1::1]', '[2002:7f00:1::]', '[2002:a00:1::]', '[2001:0:7f00:1::]'],
    ),
    twin: at('[2001:4860:4860::8888]')[0]!,
  },
  'numbers in other clothes': {
    rows: at(
      ...[
        '2130706433',
        '0x7f000001',
        '017700000001',
        '0177.0.0.1',
        '0x7f.0.0.1',
        '127.1',
        '127.0.1',
      ],
      ...['0', '0x0', '2852039166', '0xa9fea9fe', '0251.0376.0251.0376', '167772161', '0xa.1'],
      ...['１２７.0.0.1', '127。0。0。1', '127.0.0.1.', '%31%32%37.0.0.1'],
    ),
    // 93.184.216.34 as one number.
    twin: at('1572395042')[0]!,
  },
  'names that lead inwards': {
    rows: [
      ...at('localhost', 'LOCALHOST', 'api.localhost', 'localhost.').map((row) => ({
        ...row,
        zone: Object.fromEntries(
          ['localhost', 'api.localhost', 'localhost.'].map((name) => [name, [['127.0.0.1']]]),
        ),
      })),
      ...[['127.0.0.1'], ['10.1.2.3'], ['169.254.169.254'], ['::1'], ['fd00::1'], ['fe80::1']].map(
        (answer) => named([answer]),
      ),
      named([['::ffff:10.0.0.1']]),
      named([['64:ff9b::7f00:1']]),
    ],
    twin: named([['93.184.216.34']]),
  },
  'one private address among public ones': {
    rows: [
      named([['93.184.216.34', '127.0.0.1']]),
      named([['10.0.0.1', '93.184.216.34']]),
      named([['2606:2800:220:1::1', 'fd00::1']]),
      named([['93.184.216.34', '::ffff:7f00:1']]),
    ],
    twin: named([['93.184.216.34', '2606:2800:220:1::1']]),
  },
  redirects: {
    rows: [
      redirecting('https://other.example/'),
      redirecting('https://127.0.0.1/'),
      redirecting('https://login.example:8443/'),
      redirecting('http://login.example/'),
      redirecting('//10.0.0.1/'),
      redirecting('https://login.example@127.0.0.1/'),
      redirecting('file:///etc/passwd'),
      redirecting('https://ada:secret@login.example/b'),
      {
        // The name turns inwards between one hop and the next.
        url: here,
        zone: { 'login.example': [['93.184.216.34'], ['127.0.0.1']] },
        redirects: { [here]: '/b' },
      },
      { url: here, zone, redirects: Object.fromEntries([...'abcde'].map(nextLetter)) },
    ],
    twin: {
      url: here,
      zone,
      redirects: Object.fromEntries([...'abc'].map(nextLetter)),
    },
  },
  'other schemes, and credentials': {
    rows: [
      ...['http://login.example/', 'ftp://login.example/', 'file:///etc/passwd', 'gopher://a/'],
      ...[
        'data:application/json,{}',
        'javascript:alert(1)',
        'ws://login.example/',
        'login.example',
      ],
      ...['https://ada@login.example/', 'https://ada:secret@login.example/', '', 'https://'],
    ].map((url) => ({ url, zone })),
    twin: { url: 'https://login.example/', zone },
  },
  'nearer than what the user typed': {
    rows: [
      { url: 'http://127.0.0.1:9000/' },
      { url: 'http://localhost:9000/', zone: { localhost: [['127.0.0.1']] } },
      { url: 'https://127.0.0.1/', typed: 'https://10.0.0.5/mcp' },
      { url: 'http://10.0.0.6/', typed: 'http://10.0.0.5/mcp' },
      { url: 'http://login.example/', typed: local, zone },
      { url: 'http://10.0.0.6/', typed: local },
      { url: 'https://169.254.169.254/', typed: local },
      { url: 'https://10.0.0.6/', typed: 'https://mcp.example/mcp' },
      {
        url: 'https://mcp.example/.well-known/x',
        typed: 'https://mcp.example/mcp',
        zone: { 'mcp.example': [['127.0.0.1']] },
      },
    ],
    twin: { url: 'http://127.0.0.1:9000/', typed: local },
  },
};

/** Names whose second answer differs from the first: what was checked is what is asked. */
export const rebindings: readonly SsrfRow[] = [
  named([['93.184.216.34'], ['127.0.0.1']]),
  named([['93.184.216.34'], ['169.254.169.254']]),
  named([['2606:2800:220:1::1'], ['::1']]),
  named([['93.184.216.34', '93.184.216.35'], ['10.0.0.1']]),
];

function nextLetter(letter: string): [string, string] {
  return [`https://login.example/${letter}`, `/${String.fromCharCode(letter.charCodeAt(0) + 1)}`];
}
