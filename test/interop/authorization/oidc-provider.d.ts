/** As much of it as is used here; it brings no types. */
declare module 'oidc-provider' {
  import type { RequestListener } from 'node:http';

  export default class Provider {
    constructor(issuer: string, configuration: object);
    use(middleware: (context: never, next: () => Promise<void>) => Promise<void>): void;
    callback(): RequestListener;
  }
}
