import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, it } from 'vitest';
import { deadline } from '../../src/io/deadline.ts';

let collecting: NodeJS.Timeout | undefined;
afterEach(() => {
  clearInterval(collecting);
});

it('a deadline comes, also where the garbage collector comes first', async () => {
  setFlagsFromString('--expose-gc');
  collecting = setInterval(runInNewContext('gc') as () => void, 5);
  const told = new AbortController();
  // Nobody but the signal of both refers to it.
  const reason = await new Promise((resolve) => {
    const either = AbortSignal.any([told.signal, deadline(100)]);
    either.addEventListener('abort', () => {
      resolve(either.reason);
    });
  });
  expect(reason).toMatchObject({ name: 'TimeoutError' });
});
