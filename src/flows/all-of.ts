import { asLanacmeErrors, SeveralErrors } from '../errors.ts';

/**
 * Waits until every promise has settled, then returns the values or throws what failed. Unlike `Promise.all`,
 * nothing is still in flight when it throws: clean-up must not race with a request of ours.
 */
export async function allOf<T>(promises: readonly Promise<T>[]): Promise<readonly T[]> {
  const settled = await Promise.allSettled(promises);
  const reasons = settled.filter((one) => one.status === 'rejected').map((one): unknown => one.reason);
  // An abort ends them all with one and the same reason.
  const failures = [...new Set(reasons)];
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new SeveralErrors(failures.flatMap(asLanacmeErrors));
  return settled.filter((one) => one.status === 'fulfilled').map((one) => one.value);
}
