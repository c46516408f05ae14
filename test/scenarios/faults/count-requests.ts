import type { Lane } from './lane.ts';

/** Requests by what they were for: resources of ACME, operations of Route 53, and `credentials`. */
export type RequestCounts = Readonly<Record<string, number>>;

/** What a run has asked of everybody: AWS for credentials, the CA, Route 53; each in the order of first asking. */
export function countRequests({ world, ca }: Pick<Lane, 'world' | 'ca'>): RequestCounts {
  const kinds = [
    ...world.credentials.requests.map(() => 'credentials'),
    ...ca.requests.map(({ resource }) => resource),
    ...world.route53.requests.map(({ operation }) => operation ?? 'unknown'),
  ];
  const counts: Record<string, number> = {};
  for (const kind of kinds) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** How often they are asked is up to the machine: polls, and a nonce for each request that is in flight. */
const varying: ReadonlySet<string> = new Set(['order', 'GetChange', 'newNonce']);

/** `newOrder 2, challenge 2, order …`: the number only of what is `asserted` or the same in every run. */
export function requestsText(
  counts: RequestCounts,
  {
    asserted = {},
    uncounted = [],
  }: { readonly asserted?: RequestCounts; readonly uncounted?: readonly string[] },
): string {
  const isSome = (kind: string): boolean =>
    asserted[kind] === undefined && (varying.has(kind) || uncounted.includes(kind));
  const parts = Object.entries(counts).map(([kind, count]) => `${kind} ${isSome(kind) ? '…' : count}`);
  return parts.length === 0 ? 'none' : parts.join(', ');
}
