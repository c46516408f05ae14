/** Runs tasks one after the other, in the order in which they came; one that fails does not stop the next. */
export function makeOneAtATime(): <T>(task: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return async (task) => {
    const mine = last.then(task);
    last = mine.catch(() => undefined);
    return await mine;
  };
}
