import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { answerLines } from '../../src/io/root-requests.ts';

const never = new AbortController().signal;

/** A service that says each line twice, or waits for its end. */
function service(signal = never) {
  const input = new PassThrough();
  const said: string[] = [];
  const heard: string[] = [];
  const answer = async (line: string, end: AbortSignal): Promise<string> => {
    heard.push(line);
    if (line !== 'wait') return await Promise.resolve(line + line);
    await new Promise((resolve) => {
      end.addEventListener('abort', resolve);
    });
    throw end.reason;
  };
  const output = { write: (text: string) => said.push(text) };
  return { input, said, heard, over: answerLines({ input, output, answer, signal }) };
}

it('answers each line, also one that comes in pieces, in order', async () => {
  const { input, said, over } = service();
  input.write('a\nb');
  input.write('c\n');
  await expect.poll(() => said).toEqual(['aa\n', 'bcbc\n']);
  input.end();
  await over;
});

it('ends what is running when nobody asks any more', async () => {
  const { input, said, over } = service();
  input.end('wait\n');
  await over;
  expect(said).toEqual([]);
});

it('ends what is running on a signal', async () => {
  const stop = new AbortController();
  const { input, heard, over } = service(stop.signal);
  input.write('wait\n');
  await expect.poll(() => heard).toEqual(['wait']);
  stop.abort(new Error('SIGTERM'));
  await over;
});

it.each([
  ['a line without an end', 'x'.repeat(100_000)],
  ['line after line', 'wait\n'.repeat(100)],
])('does not listen to %s', async (_, text) => {
  const { input, heard, said, over } = service();
  input.write(text);
  await over;
  expect(heard.length).toBeLessThan(2);
  expect(said).toEqual([]);
});
