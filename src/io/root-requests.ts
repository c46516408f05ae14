import type { Readable } from 'node:stream';
import { longestRequest } from '../core/root-messages.ts';
import { LanacmeError } from '../errors.ts';

export interface LineService {
  readonly input: Readable;
  readonly output: { write(text: string): unknown };
  readonly answer: (line: string, signal: AbortSignal) => Promise<string>;
  readonly signal: AbortSignal;
}

/** An honest asker waits for each answer. */
const mostWaiting = 8;

/**
 * Answers line by line, one after the other, until the input ends: then nobody waits for what is still running, and it
 * is ended. So it is if somebody writes more than a request.
 */
export async function answerLines({ input, output, answer, signal }: LineService): Promise<void> {
  const over = new AbortController();
  const all = AbortSignal.any([signal, over.signal]);
  let [rest, waiting] = ['', 0];
  let last: Promise<void> = Promise.resolve();
  const take = async (line: string): Promise<void> => {
    if (all.aborted) return;
    const said = await answer(line, all).catch(() => undefined);
    waiting -= 1;
    if (said !== undefined) output.write(`${said}\n`);
  };
  const stop = (): void => {
    over.abort(nobodyAsks());
    input.destroy();
  };
  signal.addEventListener('abort', stop);
  input.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      waiting += 1;
      last = last.then(async () => {
        await take(line);
      });
    }
    if (waiting > mostWaiting || rest.length > longestRequest) stop();
  });
  await new Promise((resolve) => input.on('close', resolve).on('error', resolve));
  stop();
  await last;
}

function nobodyAsks(): LanacmeError {
  return new LanacmeError('run.interrupted', 'lanacme has ended, and its hooks with it', {
    hint: 'they stay owed: run lanacme deploy',
  });
}
