import type { Request } from '../../exchange.js';
import type { JsonObject } from '../../json-rpc/message.js';
import type { StoredQuestion, StoredTask } from '../../stores/task-store.js';
import type { OpenRound } from '../rounds.js';
import type { Becoming, LiveTask, TaskChange } from './live-tasks.js';

/**
 * What a task asks when a round has ended with questions. A key that was shown once never comes
 * again in the life of the task (SEP-2663): a question put anew gets a number.
 */
export function openQuestions(round: OpenRound, { keys }: StoredTask): TaskChange {
  const used = new Set(keys);
  const questions: { [key: string]: StoredQuestion } = {};
  for (const [key, question] of Object.entries(round.questions)) {
    let shown = key;
    for (let number = 2; used.has(shown); number++) shown = `${key}-${number}`;
    used.add(shown);
    questions[shown] = { key, question };
  }
  const state = { ...round.state };
  return { status: 'input_required', questions, answers: {}, keys: [...used], state };
}

/** Resolves with the request, answers and all, once every question that waits is answered. */
export function answersTo(task: LiveTask, request: Request): Promise<Request> {
  return new Promise((resolve) => {
    task.answered = (answers) => resolve(withAnswers(request, answers));
  });
}

export function withAnswers(request: Request, inputResponses: JsonObject): Request {
  return { ...request, params: { ...request.params, inputResponses } };
}

/** What answers make of a task; nothing where none of them was waited for. */
export function acceptAnswers(task: LiveTask, responses: JsonObject): Becoming | undefined {
  const { stored } = task;
  const waiting = new Map(Object.entries(stored.questions ?? {}));
  const answers: { [key: string]: unknown } = { ...stored.answers };
  let accepted = false;
  for (const [shown, response] of Object.entries(responses)) {
    const question = waiting.get(shown);
    if (question === undefined) continue;
    accepted = true;
    waiting.delete(shown);
    answers[question.key] = response;
  }
  if (!accepted) return undefined;
  if (waiting.size > 0) {
    return { change: { questions: Object.fromEntries(waiting), answers } };
  }
  // Kept with the state, so that a task which is done again after a restart asks nothing twice.
  const state = stored.state ?? {};
  const kept = { ...state, answers: { ...(state['answers'] as JsonObject), ...answers } };
  return {
    change: { status: 'working', questions: undefined, answers: undefined, state: kept },
    made: () => task.answered?.(answers),
  };
}
