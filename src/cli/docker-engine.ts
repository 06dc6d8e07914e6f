import { execFile } from 'node:child_process';
import { defaultLimits } from '../limits.js';

/** Whether something is so: `unknown` is what could not be found out. */
export type Verdict = boolean | 'unknown';

export interface Finding {
  readonly has: Verdict;
  readonly detail: string;
}

/** Docker without its engine is of no use, and an engine may be far away, or hang. */
export function askDocker(
  docker: string,
  ms: number = defaultLimits.toolAnswerMs,
): Promise<Finding> {
  const args = ['version', '--format', '{{.Server.Version}}'];
  return new Promise((resolve) => {
    execFile(docker, args, { timeout: ms, killSignal: 'SIGKILL' }, (error, said, why) => {
      const version = said.trim();
      if (error === null && version !== '') {
        return resolve({ has: true, detail: `${docker}, engine ${version.slice(0, shownMax)}` });
      }
      if (error?.killed === true) {
        const detail = `${docker}, whose engine did not answer within ${ms / 1000} s`;
        return resolve({ has: 'unknown', detail });
      }
      const reason = why.trim() || error?.message || 'it says no version';
      resolve({ has: false, detail: `its engine does not answer: ${reason.slice(0, shownMax)}` });
    });
  });
}

const shownMax = 200;
