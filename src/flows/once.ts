/** The same promise for everybody who asks, made when the first does; a failure is the same for all, too. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return async () => await (made ??= make());
}
