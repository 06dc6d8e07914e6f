import type { ClientAttackGroup } from '../attack.js';
import { bodies, codings, silences } from './bodies.js';
import { answers, notices, texts } from './messages.js';
import { lists, revisions, schemas } from './offers.js';
import { pages, questions } from './questions.js';
import { heads, redirects } from './redirects.js';
import { events, places, reconnects } from './streams.js';

export const clientGroups: readonly ClientAttackGroup[] = [
  bodies,
  codings,
  silences,
  events,
  reconnects,
  places,
  redirects,
  heads,
  answers,
  texts,
  notices,
  pages,
  questions,
  lists,
  schemas,
  revisions,
];
