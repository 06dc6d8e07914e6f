/** The naive server of the hostile suite, to be flooded. */
import { openNaiveServer } from '../hostile/naive-server.js';
import { answerParent } from './children.js';

const naive = await openNaiveServer();
answerParent({}, naive.port);
