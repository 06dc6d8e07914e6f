import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** Where what is kept for this user stands. */
export function stateFolder(env: { readonly [name: string]: string | undefined }): string {
  const { XDG_STATE_HOME: state, HOME: home = homedir() } = env;
  // By its specification a relative path there is to be ignored.
  const all = state !== undefined && isAbsolute(state) ? state : join(home, '.local', 'state');
  return join(all, 'sallyport');
}
