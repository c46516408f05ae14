import type { AwsOperation } from './aws-operation.ts';

/**
 * A token bucket: how many requests this process may send at once, and how fast it earns more. All hosts and tools of an
 * AWS account share five Route 53 requests a second (`reference/route53.md` §4) and know nothing of each other, so the
 * only word on how much is left for us is Throttling.
 */
export interface Pace {
  /** Requests a second that are earned. */
  readonly rate: number;
  /** Requests that may go at once. Below zero: how many are waiting for their turn already. */
  readonly tokens: number;
  /** A read has taken the token of the change that follows it. */
  readonly isChangePaid: boolean;
  /** The instant of all this, in milliseconds. */
  readonly atMs: number;
  /** When the rate last fell. */
  readonly slowedAtMs: number;
}

/** Of the whole account, as it was for most of Route 53's life: more would be taken from others. */
const fullRate = 5;
const burst = 5;
/** Twenty hosts at this rate stay below the account's limit. */
const leastRate = 0.2;
/** The rate grows by this in a second: from the least to the full one takes 48 s. */
const recovery = 0.1;
/** Requests under way together are throttled together: that is one sign, not several. */
const oneSignMs = 500;

export function fullPace(nowMs: number): Pace {
  return { rate: fullRate, tokens: burst, isChangePaid: false, atMs: nowMs, slowedAtMs: -Infinity };
}

/**
 * Takes the tokens of a request, and says how many milliseconds it has to wait for them. A read takes those of the
 * compare-and-swap that follows it too, so that nothing of ours stands between the two: the longer the time from the one to
 * the other, the likelier another writer is in it.
 */
export function takeTurn(
  pace: Pace,
  operation: AwsOperation['name'],
  nowMs: number,
): { readonly pace: Pace; readonly waitMs: number } {
  const now = earned(pace, nowMs);
  const tokens = now.tokens - priceOf(operation, now);
  const isChangePaid =
    operation === 'ListResourceRecordSets' || (operation !== 'ChangeResourceRecordSets' && now.isChangePaid);
  return { pace: { ...now, tokens, isChangePaid }, waitMs: Math.max(0, -tokens / now.rate) * 1000 };
}

/** After Throttling: half the rate, and nothing saved up. */
export function slowDown(pace: Pace, nowMs: number): Pace {
  const now = earned(pace, nowMs);
  const tokens = Math.min(now.tokens, 0);
  if (nowMs - now.slowedAtMs < oneSignMs) return { ...now, tokens };
  return { ...now, tokens, rate: Math.max(leastRate, now.rate / 2), slowedAtMs: nowMs };
}

function priceOf(operation: AwsOperation['name'], { isChangePaid }: Pace): number {
  switch (operation) {
    case 'ListResourceRecordSets':
      return isChangePaid ? 1 : 2;
    case 'ChangeResourceRecordSets':
      return isChangePaid ? 0 : 1;
    case 'GetChange':
    case 'ListHostedZones':
    case 'ListHostedZonesByName':
      return 1;
  }
}

/** A clock that was set back earns nothing. */
function earned(pace: Pace, nowMs: number): Pace {
  const seconds = Math.max(0, nowMs - pace.atMs) / 1000;
  const rate = Math.min(fullRate, pace.rate + recovery * seconds);
  const tokens = Math.min(burst, pace.tokens + ((pace.rate + rate) / 2) * seconds);
  return { ...pace, rate, tokens, atMs: nowMs };
}
