/** Secrets are brought in by every way there is, and looked for at every place that talks. */
import { expect, test } from 'vitest';
import { cliRows } from './canaries/cli-rows.js';
import { httpRows } from './canaries/http-rows.js';
import { openWorld, type SinkName, sinkNames, type World } from './canaries/world.js';
import { modernCall } from './attack.js';

const rows = [...httpRows, ...cliRows];
const canaryOf = (at: number): string => `canary-5f${at}d1c07-end`;

test.each(rows.map((row, at) => [row.name, row, canaryOf(at)] as const))(
  'nobody hears of %s',
  async (_name, { bring, auth, inBody = false, except = {} }, canary) => {
    await using world = await openWorld({
      inBody,
      ...(auth === undefined ? {} : { auth: auth(canary) }),
    });
    const brought = await bring(canary, world);
    const secret = typeof brought === 'string' ? brought : canary;
    const places = placesOf(secret, world);
    // The same eyes see it where it comes in, as a careless server would.
    expect(holds(world.came.join('\n'), secret), 'it came').toBe(true);
    expect(places.filter((place) => except[place] === undefined)).toEqual([]);
  },
);

test('there are at least 40, by every way', () => {
  expect(rows.length).toBeGreaterThanOrEqual(40);
  expect(new Set(rows.map(({ name }) => name)).size).toBe(rows.length);
});

test.each(sinkNames)('a server that leaks to %s is caught', async (leak) => {
  await using world = await openWorld({ leak });
  const token = `good-${canaryOf(0)}`;
  if (leak === 'output') {
    await world.sallyport(['call', world.url, 'relay', '-H', `Authorization: Bearer ${token}`]);
  } else if (leak === 'stores') {
    const row = httpRows.find(({ name }) => name.startsWith('the token of a session'));
    await row?.bring(canaryOf(0), world);
  } else {
    const { headers, ...rest } = modernCall('relay');
    await world.ask({ ...rest, headers: { ...headers, authorization: `Bearer ${token}` } });
  }
  expect(placesOf(canaryOf(0), world)).toContain(leak);
});

test.each<[string, (secret: string) => string]>([
  ['as it is', (secret) => secret],
  ['in an address', (secret) => `?a=${encodeURIComponent(secret)}&`],
  ['in base64', (secret) => Buffer.from(`ann:${secret}`).toString('base64')],
  ['in the base64 of tokens', (secret) => Buffer.from(`{"a":"${secret}"}`).toString('base64url')],
  ['in hexadecimal digits', (secret) => Buffer.from(`x${secret}`).toString('hex')],
])('a secret is seen %s', (_name, write) => {
  expect(holds(`before ${write('a secret/+?')} after`, 'a secret/+?')).toBe(true);
  expect(holds(`before ${write('another/+?')} after`, 'a secret/+?')).toBe(false);
});

function placesOf(secret: string, world: World): SinkName[] {
  const said = world.said();
  return sinkNames.filter((name) => holds(said[name], secret));
}

/** In base64 a text looks in three ways, by where it begins; its ends depend on what is around. */
function holds(text: string, secret: string): boolean {
  const bytes = Buffer.from(secret);
  const shifted = [0, 1, 2].map((before) => {
    const padded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64url');
    return padded.slice(before === 0 ? 0 : before + 1, -2);
  });
  const web = text.replaceAll('+', '-').replaceAll('/', '_');
  const forms = [secret, encodeURIComponent(secret), bytes.toString('hex')];
  return forms.some((form) => text.includes(form)) || shifted.some((form) => web.includes(form));
}
