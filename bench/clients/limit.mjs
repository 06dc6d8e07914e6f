/** The limit of clients: bare node:http with an agent, or bare lines to a child. */
import { spawn } from 'node:child_process';
import { Agent, request } from 'node:http';
import { bodyOf, headers as fixed, textOf } from './modern-call.mjs';

export async function open({ url, command, args }) {
  return url === undefined ? overStdio(command, args) : overHttp(url);
}

function overHttp(url) {
  const agent = new Agent({ keepAlive: true });
  let id = 0;
  const call = (text) =>
    new Promise((resolve, reject) => {
      const body = bodyOf(++id, text);
      const headers = { ...fixed, 'content-length': Buffer.byteLength(body) };
      const asked = request(url, { method: 'POST', agent, headers }, (answer) => {
        const chunks = [];
        answer.on('data', (chunk) => chunks.push(chunk));
        answer.on('end', () => resolve(textOf(JSON.parse(Buffer.concat(chunks).toString()))));
      });
      asked.on('error', reject);
      asked.end(body);
    });
  return { call };
}

function overStdio(command, args) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] });
  const waiting = new Map();
  let [id, rest] = [0, ''];
  child.stdout.setEncoding('utf8').on('data', (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      const answer = JSON.parse(line);
      waiting.get(answer.id)(textOf(answer));
      waiting.delete(answer.id);
    }
  });
  const call = (text) =>
    new Promise((resolve) => {
      waiting.set(++id, resolve);
      child.stdin.write(`${bodyOf(id, text)}\n`);
    });
  return { call };
}
