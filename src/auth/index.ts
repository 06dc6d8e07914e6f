export { jwt, type JwtAlgorithm, type JwtOptions } from './jwt.js';
export { introspection, type IntrospectionOptions } from './introspection.js';
export { apiKeys, type ApiKeyOptions } from './node-api-keys.js';
export type { GuardedFetch, GuardedFetchOptions, NetworkOptions } from './guarded-fetch.js';
export type { Auth, TokenContext, Verified, Verify } from '../authorization.js';
export { type LoginRequest, oauth, type OAuth, type OAuthOptions } from './oauth.js';
export {
  clientCredentials,
  enterprise,
  type EnterpriseOptions,
  type Fresh,
  jwtBearer,
  type JwtBearerOptions,
  type MachineOptions,
} from './machine-grants.js';
export { type ClientKey } from './known-client.js';
export { fileTokens } from './node-token-file.js';
export { memoryTokens, type StoreChange, type TokenStore } from './token-store.js';
export type {
  AnswerHeaders,
  Credentials,
  CredentialsContext,
  Presenter,
  RefusedRequest,
  ShownRequest,
} from '../credentials.js';
