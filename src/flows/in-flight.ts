import { allOf } from './all-of.ts';

/** `work` on every item, at most so many at a time; the results in the order of the items. */
export async function inFlight<T, R>(
  items: readonly T[],
  atMost: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results = new Map<number, R>();
  const left = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of left) results.set(index, await work(item));
  };
  await allOf(Array.from({ length: Math.min(atMost, items.length) }, worker));
  return [...results].sort(([one], [other]) => one - other).map(([, result]) => result);
}
