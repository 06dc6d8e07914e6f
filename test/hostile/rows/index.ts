import type { AttackGroup } from '../attack.js';
import { accept } from './accept.js';
import { bodySize } from './body-size.js';
import { contentType } from './content-type.js';
import { errors } from './errors.js';
import { fetchMetadata } from './fetch-metadata.js';
import { framing } from './framing.js';
import { head } from './head.js';
import { hiddenExposure } from './hidden-exposure.js';
import { host } from './host.js';
import { method } from './method.js';
import { mirroredHeaders } from './mirrored-headers.js';
import { origin } from './origin.js';
import { envelope, ids, keys, shape, text } from './parse.js';
import { path } from './path.js';
import { eventIds, sessions } from './sessions.js';
import { sse } from './sse.js';
import { verify } from './verify.js';

/** All attacks by rows, in the order in which their guards stand. */
export const groups: readonly AttackGroup[] = [
  head,
  framing,
  host,
  path,
  method,
  origin,
  fetchMetadata,
  hiddenExposure,
  verify,
  contentType,
  accept,
  bodySize,
  text,
  shape,
  keys,
  ids,
  envelope,
  mirroredHeaders,
  sessions,
  eventIds,
  errors,
  sse,
];
