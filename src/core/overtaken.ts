import type { BatchRefusal } from './batch-refusal.ts';
import type { DnsName } from './names.ts';
import { type Change, isSameSet } from './record-set.ts';

/**
 * What there is to say against sending a batch again that Route 53 has throttled: where others keep the account that busy,
 * they change the sets too. In simulated nights of twenty hosts a compare-and-swap that was sent again after its pause
 * mostly came too late; reading first saves one request in ten.
 *
 * Nothing against a batch of many new sets: reading each of them would cost more than one refusal.
 */
export function overtakenBy(changes: readonly Change[]): readonly BatchRefusal[] {
  const names = new Set(changes.map(({ set }) => set.name));
  const doubtful = names.size === 1 ? [...names] : swappedNames(changes);
  return doubtful.map((name) => ({
    kind: 'values-differ',
    message: `throttled, and what was known of ${name} is old by now`,
    name,
  }));
}

function swappedNames(changes: readonly Change[]): readonly DnsName[] {
  const swapped = changes.filter(
    ({ action, set }) =>
      action === 'DELETE' && changes.some((other) => other.action === 'CREATE' && isSameSet(other.set, set)),
  );
  return [...new Set(swapped.map(({ set }) => set.name))];
}
