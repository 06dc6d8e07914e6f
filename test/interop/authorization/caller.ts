/** A process that calls `greet` over several connections at once: caller.ts URL FOLDER COUNT. */
import { fileTokens, oauth } from '../../../src/auth/index.js';
import { connect } from '../../../src/client/index.js';

const [url = '', folder = '', count = '1'] = process.argv.slice(2);
const onLogin = (): never => {
  console.log('login');
  throw new Error('Nobody is here to log in');
};
const auth = oauth({
  redirectUrl: 'http://127.0.0.1:9/callback',
  store: fileTokens(folder),
  onLogin,
});

async function callOnce(): Promise<void> {
  await using client = await connect(url, { auth, era: 'modern' });
  await client.callTool('greet');
  console.log('greeted');
}

// All of them begin together, once everybody is there.
process.stdin.once('data', () => {
  process.stdin.pause();
  void Promise.all(
    Array.from({ length: Number(count) }, () =>
      callOnce().catch((thrown: unknown) => console.log(`failed: ${String(thrown)}`)),
    ),
  );
});
console.log('ready');
