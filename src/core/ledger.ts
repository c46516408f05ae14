import { LanacmeError } from '../errors.ts';
import type { CaLimits, TokenBucket } from './ca-limits.ts';
import type { LedgerEntry } from './ledger-entry.ts';
import { bareName, type Domain } from './names.ts';
import { rfc3339 } from './rfc3339.ts';
import { freeFrom } from './token-bucket.ts';

/** An order that is to be made. */
export interface PlannedOrder {
  readonly domains: readonly Domain[];
  /** It names its predecessor and comes within the window that the CA suggests: no limit counts. */
  readonly isExempt: boolean;
  /** A certificate for exactly these names is there: the number of orders does not count. */
  readonly isRenewal: boolean;
}

/**
 * Whether the CA would refuse an order by what this host did there before. It is not asked then: a CA pauses clients
 * that ask again and again.
 *
 * @returns LanacmeError `ledger.limit-reached` with the instant from which on it would be taken.
 */
export function refusalOf(
  entries: readonly LedgerEntry[],
  limits: CaLimits,
  planned: PlannedOrder,
  now: Date,
): LanacmeError | undefined {
  if (planned.isExempt) return undefined;
  const reached = [
    planned.isRenewal ? undefined : ordersReached(entries, limits.newOrders, now),
    setReached(entries, limits.certificatesPerSetOfNames, planned, now),
    ...planned.domains.map((domain) =>
      validationsReached(entries, limits.failedValidationsPerName, domain, now),
    ),
  ].filter((limit) => limit !== undefined);
  // All of them have to be kept: the last to be free again says when.
  const [last] = reached.sort((one, other) => other.freeAt - one.freeAt);
  return last === undefined ? undefined : limitReached(last, planned);
}

interface Reached {
  readonly what: string;
  readonly freeAt: number;
}

function ordersReached(
  entries: readonly LedgerEntry[],
  bucket: TokenBucket | undefined,
  now: Date,
): Reached | undefined {
  const spent = entries.flatMap((entry) => (entry.kind === 'order' ? [entry.at] : []));
  return reachedIf(bucket, spent, now, (most) => `${most} orders were made`);
}

function setReached(
  entries: readonly LedgerEntry[],
  bucket: TokenBucket | undefined,
  { domains }: PlannedOrder,
  now: Date,
): Reached | undefined {
  const wanted = setKey(domains);
  const spent = entries.flatMap((entry) =>
    entry.kind === 'certificate' && setKey(entry.domains) === wanted ? [entry.at] : [],
  );
  return reachedIf(bucket, spent, now, (most) => `${most} certificates were issued for exactly these names`);
}

function validationsReached(
  entries: readonly LedgerEntry[],
  bucket: TokenBucket | undefined,
  name: Domain,
  now: Date,
): Reached | undefined {
  const spent = entries.flatMap((entry) =>
    entry.kind === 'failed-validation' && entry.domain === bareName(name) ? [entry.at] : [],
  );
  return reachedIf(bucket, spent, now, (most) => `${most} validations of ${name} failed`);
}

function setKey(domains: readonly Domain[]): string {
  return [...new Set(domains)].sort().join(' ');
}

function reachedIf(
  bucket: TokenBucket | undefined,
  spent: readonly string[],
  now: Date,
  what: (most: number) => string,
): Reached | undefined {
  if (bucket === undefined) return undefined;
  const instants = spent.map((at) => Date.parse(at)).filter((at) => !isOfTheFuture(at, now.getTime()));
  // A clock that was set back by a little: what it noted is as old as can be known.
  const taken = instants.map((at) => Math.min(at, now.getTime()));
  const freeAt = freeFrom(bucket, taken, now.getTime());
  if (freeAt <= now.getTime()) return undefined;
  const time = words(bucket.capacity * bucket.refillMs);
  return { what: `${what(bucket.capacity)} within ${time}`, freeAt };
}

const clockSlackMs = 3600_000;

/** Of a clock that was wrong: it must not bar orders until that time comes. */
function isOfTheFuture(at: number, now: number): boolean {
  return at > now + clockSlackMs;
}

/** The entries that may still matter. */
export function prunedLedger(
  entries: readonly LedgerEntry[],
  limits: CaLimits,
  now: Date,
): readonly LedgerEntry[] {
  const kept: Readonly<Record<LedgerEntry['kind'], number>> = {
    order: memory(limits.newOrders),
    certificate: memory(limits.certificatesPerSetOfNames),
    'failed-validation': memory(limits.failedValidationsPerName),
  };
  return entries.filter(({ kind, at }) => {
    const time = Date.parse(at);
    return time > now.getTime() - kept[kind] && !isOfTheFuture(time, now.getTime());
  });
}

/** A bucket is full again after its time; what was taken meanwhile is told apart by what came before. */
function memory(bucket: TokenBucket | undefined): number {
  return bucket === undefined ? 0 : 2 * bucket.capacity * bucket.refillMs;
}

function limitReached({ what, freeAt }: Reached, { domains }: PlannedOrder): LanacmeError {
  const retryAt = new Date(Math.ceil(freeAt / 1000) * 1000);
  const message = `no order for ${domains.join(', ')} before ${rfc3339(retryAt)}: ${what}, and the CA takes no more`;
  return new LanacmeError('ledger.limit-reached', message, {
    hint: 'wait until then; to try things out there is --server letsencrypt-staging',
    outcome: 'wait',
    retryAt,
  });
}

function words(milliseconds: number): string {
  const hours = milliseconds / 3600_000;
  if (hours >= 48) return `${Math.round(hours / 24)} days`;
  return hours === 1 ? 'an hour' : `${Number(hours.toFixed(1))} hours`;
}
