/** An answer in the shape of Route 53 that lacks what it must have: worth as little as one that is not XML. */
export class IncompleteAnswer extends Error {
  override readonly name = 'IncompleteAnswer';
}

/** A member that Route 53 always sends. */
export function complete<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new IncompleteAnswer(`no ${what} in it`);
  return value;
}

/** Ids come with a prefix, `/hostedzone/Z…` or `/change/C…`, and are sent without. */
export function bareId(id: string | undefined): string {
  return complete(id, 'Id').replace(/^\/[a-z]+\//, '');
}
