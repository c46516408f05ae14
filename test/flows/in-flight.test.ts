import { expect, test } from 'vitest';
import { inFlight } from '../../src/flows/in-flight.ts';

test('work goes on with so many items at a time, and its results keep their order', async () => {
  let [running, most] = [0, 0];
  const results = await inFlight([5, 1, 4, 2, 3], 2, async (item) => {
    running += 1;
    most = Math.max(most, running);
    for (let turn = 0; turn < item; turn += 1) await Promise.resolve();
    running -= 1;
    return item * 10;
  });
  expect([results, most, running]).toEqual([[50, 10, 40, 20, 30], 2, 0]);
  expect(await inFlight([], 2, async () => await Promise.resolve(1))).toEqual([]);
});

test('a failure is thrown when nothing is in flight any more', async () => {
  const done: number[] = [];
  const work = inFlight([1, 2, 3], 2, async (item) => {
    await Promise.resolve();
    if (item === 1) throw new Error('one');
    done.push(item);
  });
  await expect(work).rejects.toThrow('one');
  expect(done).toEqual([2, 3]);
});
