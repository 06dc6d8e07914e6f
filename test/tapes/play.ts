import type { TransportName } from '../../src/testing/index.js';
import { type Player, playHttp, playStdio } from './players.js';
import {
  fillIn,
  generalize,
  learn,
  type Learned,
  matches,
  type Tape,
  type TapeLine,
} from './tape.js';

/**
 * Plays the client of a tape against the real server and returns the tape as it is now. A line of
 * the server that is as the tape has it stays as it was written, placeholders and all.
 */
export async function playTape(tape: Tape, transport: TransportName): Promise<TapeLine[]> {
  return play(tape, transport, async (player, expected) => {
    const said: string[] = [];
    for (const _ of expected) said.push(await player.next());
    return said;
  });
}

/** The same for a tape that is to be written anew: takes whatever the server says. */
export async function recordTape(tape: Tape, transport: TransportName): Promise<TapeLine[]> {
  return play(tape, transport, (player) => player.settled());
}

type Hear = (player: Player, expected: readonly TapeLine[]) => Promise<string[]>;

async function play(tape: Tape, transport: TransportName, hear: Hear): Promise<TapeLine[]> {
  const learned: Learned = new Map();
  const player = await (tape.over === 'http' ? playHttp(transport) : playStdio());
  const played: TapeLine[] = [];
  for (const step of stepsOf(tape)) {
    played.push(...step.before);
    for (const action of actionsOf(step.before, tape.over)) {
      if (action === 'cut') player.cut();
      else await player.send(action.map((text) => fillIn(text, learned)));
    }
    const said = await hear(player, step.after);
    played.push(...said.map((text, at) => keep(step.after[at], text, learned)));
  }
  const more = await player.close();
  return [...played, ...more.map((text): TapeLine => ({ from: 'server', text }))];
}

function keep(expected: TapeLine | undefined, text: string, learned: Learned): TapeLine {
  learn(text, learned);
  if (expected !== undefined && matches(expected.text, text)) return expected;
  return { from: 'server', text: generalize(text) };
}

interface Step {
  /** What the client does, and words for people. */
  readonly before: TapeLine[];
  /** What the server says to it. */
  readonly after: TapeLine[];
}

function stepsOf({ lines }: Tape): readonly Step[] {
  const steps: Step[] = [];
  let step: Step | undefined;
  for (const line of lines) {
    if (step === undefined || (line.from !== 'server' && step.after.length > 0)) {
      steps.push((step = { before: [], after: [] }));
    }
    (line.from === 'server' ? step.after : step.before).push(line);
  }
  return steps;
}

/** Each message is a request of its own, but over HTTP it has several lines: method first. */
function actionsOf(lines: readonly TapeLine[], over: Tape['over']): readonly Action[] {
  const actions: Action[] = [];
  for (const { from, text } of lines) {
    const last = actions.at(-1);
    if (from === 'cut') actions.push('cut');
    if (from !== 'client') continue;
    const isFirst = over === 'stdio' || /^(?:POST|GET|DELETE)$/.test(text);
    if (isFirst || last === undefined || last === 'cut') actions.push([text]);
    else last.push(text);
  }
  return actions;
}

type Action = 'cut' | string[];
