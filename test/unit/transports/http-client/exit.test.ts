import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import {
  answerEvent,
  beginStream,
  isCall,
  isResumption,
  loopback,
  sendResult,
  sessionLoopback,
} from './loopback.js';

const script = fileURLToPath(new URL('fixtures/one-call.ts', import.meta.url));

/** Runs a process of its own that calls, closes and then has nothing more to do. */
function callFromProcess(url: string, era: string): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, ['--import', 'tsx', script, url, era]);
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (said += text));
  }
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, said }));
  });
}

const clean = { code: 0, said: '[{"type":"text","text":"done"}]\n' };

test('a process waits for its cut call, and ends when its client is closed', async () => {
  let callId: number | undefined;
  const server = await sessionLoopback((seen, response) => {
    if (isCall(seen)) {
      callId = seen.message.id;
      beginStream(response, 'id: 1\nretry: 300\ndata:\n\n');
      response.end();
      // The stream of the answer stays open, and holds up nobody.
    } else if (isResumption(seen)) beginStream(response, answerEvent(callId));
    else response.end();
  });
  expect(await callFromProcess(server.url, 'legacy')).toEqual(clean);
  expect(server.seen.filter(isResumption)).toHaveLength(1);
});

test('a process ends though the server leaves the answered stream open', async () => {
  const server = await loopback((seen, response) => {
    if (isCall(seen)) return beginStream(response, answerEvent(seen.message.id));
    const hints = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' };
    sendResult(seen, response, {
      supportedVersions: ['2026-07-28'],
      capabilities: { tools: {} },
      ...hints,
    });
  });
  expect(await callFromProcess(server.url, 'modern')).toEqual(clean);
});
