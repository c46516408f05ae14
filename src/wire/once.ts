/** The same one for everybody who asks; one that failed to load is tried again. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return async () => {
    made ??= make();
    try {
      return await made;
    } catch (error) {
      made = undefined;
      throw error;
    }
  };
}

/** The same, for each key. */
export function oncePerKey<T>(make: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const made = new Map<string, () => Promise<T>>();
  return async (key) => {
    const known = made.get(key) ?? once(async () => await make(key));
    made.set(key, known);
    return await known();
  };
}
