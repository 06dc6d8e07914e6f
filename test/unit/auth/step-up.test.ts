/** How often, and for what, a server may have a person asked. */
import { expect, test } from 'vitest';
import { memoryTokens, type OAuthOptions } from '../../../src/auth/index.js';
import { defaultLimits } from '../../../src/limits.js';
import { cites } from '../../requirements.js';
import { accept, createWorld, openFor, published, redirectUrl, refuse } from './login-world.js';

const wants = (scope: string): string => `Bearer error="insufficient_scope", scope="${scope}"`;
const more = { status: 403 } as const;

test('whoever declines once is asked again when it is needed again', async () => {
  const world = createWorld();
  let isDeclined = false;
  const onLogin: OAuthOptions['onLogin'] = ({ url }) => {
    if (isDeclined) throw new Error('closed by mistake');
    const params = new URL(url).searchParams;
    world.logins.push(params);
    return `${redirectUrl}?state=${params.get('state')}&code=c`;
  };
  const presenter = openFor(world.auth({ onLogin }));
  await refuse(presenter);
  await accept(presenter);
  isDeclined = true;
  await expect(refuse(presenter, wants('write'), more)).rejects.toThrow('Nobody logged in');
  isDeclined = false;
  expect(await refuse(presenter, wants('write'), more)).toBe(true);
  expect(world.logins).toHaveLength(2);
});

cites('auth/step-up');
test.each([
  [undefined, defaultLimits.stepUpsMax],
  ['tools/call greet', defaultLimits.authorizationsMax],
])('for the operation %s a server has it asked %i times at most', async (operation, most) => {
  const world = createWorld();
  const presenter = openFor(world.auth());
  await refuse(presenter);
  const about = operation === undefined ? more : { ...more, operation };
  for (let at = 0; at < most; at++) {
    await accept(presenter);
    expect(await refuse(presenter, wants(`s${at}`), about)).toBe(true);
  }
  await accept(presenter);
  expect(await refuse(presenter, wants('one-more'), about)).toBe(false);
  expect(world.logins).toHaveLength(1 + most);
  const other = await refuse(presenter, wants('x'), { ...more, operation: 'tools/call other' });
  expect(other).toBe(operation !== undefined);
});

test('only scopes that are some are asked for, and no more than a person could read', async () => {
  const world = createWorld();
  await refuse(openFor(world.auth()), 'Bearer scope="a\u0000b \u001b[2J ok ü"');
  expect(world.logins[0]?.get('scope')).toBe('ok');
  const many = Array.from({ length: 1000 }, (_, at) => `s${at}`);
  await refuse(openFor(world.auth()), `Bearer scope="${many.join(' ')}"`);
  expect(world.logins[1]?.get('scope')).toBe(many.slice(0, 64).join(' '));
});

test('a login after a refusal keeps what was granted before, at the same server only', async () => {
  const world = createWorld();
  const store = memoryTokens();
  const prm = 'https://mcp.example/.well-known/oauth-protected-resource/mcp';
  world.documents[prm] = { ...published, scopes_supported: ['base'] };
  const presenter = openFor(world.auth({ store }));
  await refuse(presenter);
  await accept(presenter);
  await refuse(presenter, wants('write'), more);
  await accept(presenter);
  await refuse(presenter, 'Bearer error="invalid_token"');
  await refuse(openFor(world.auth({ store })), 'Bearer error="invalid_token"');
  const scopes = world.logins.map((login) => login.get('scope'));
  expect(scopes).toEqual(['base', 'base write', 'base write', 'base write']);
});
