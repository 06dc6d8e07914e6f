import { expect } from 'vitest';
import * as z from 'zod';
import { text } from '../../src/index.js';
import { cites } from '../requirements.js';
import { matrix } from './matrix.js';

cites('rounds/no-leak');
matrix("clients never see each other's events", async ({ server, connect }) => {
  const tagged = z.object({ tag: z.string() });
  let entered = 0;
  let letGo = (): void => undefined;
  const allIn = new Promise<void>((resolve) => (letGo = resolve));
  server.tool('work', { input: tagged }, async ({ tag }, call) => {
    await call.progress(1, { message: tag });
    if (++entered === 9) letGo();
    await allIn;
    await call.log('info', tag);
    const { tag: said } = await call.ask.form('tag', tag, tagged);
    await call.progress(2, { message: tag });
    return `${tag} ${said}`;
  });
  const seen = await Promise.all(
    ['a', 'b', 'c'].map(async (name) => {
      const heard: unknown[] = [];
      const client = await connect({
        answers: { form: ({ message }) => (heard.push(message), { tag: message }) },
        onLog: ({ data }) => heard.push(data),
      });
      const answers = await Promise.all(
        [1, 2, 3].map((n) => {
          const tag = `${name}${n}`;
          const onProgress = ({ message }: { message?: string }): void => void heard.push(message);
          return client.callTool('work', { tag }, { onProgress });
        }),
      );
      expect(answers.map(({ content }) => content)).toEqual(
        [1, 2, 3].map((n) => [text(`${name}${n} ${name}${n}`)]),
      );
      return { name, heard };
    }),
  );
  for (const { name, heard } of seen) {
    const own = [1, 2, 3].flatMap((n) => Array<string>(4).fill(`${name}${n}`));
    expect(heard.map(String).toSorted()).toEqual(own);
  }
});

matrix('one client that goes leaves the others alone', async ({ server, connect }) => {
  let finish = (): void => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  server.tool('wait', {}, async () => {
    await finished;
    return 'done';
  });
  const [going, staying] = [await connect(), await connect()];
  const lost = going.callTool('wait').catch((thrown: unknown) => thrown);
  const kept = staying.callTool('wait');
  await staying.ping();
  await going.close();
  await lost;
  finish();
  expect((await kept).content).toEqual([text('done')]);
});
