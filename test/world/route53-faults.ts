/** What can go wrong between a client and Route 53, scripted by a test. */
import type { OperationName } from './route53-operations.ts';

export type Fault =
  /** Carried out, the answer comes late: after so long, or when the test says so. */
  | { readonly kind: 'delay'; readonly milliseconds: number }
  | { readonly kind: 'delay'; readonly until: Promise<unknown> }
  /** Not carried out: a refusal of any status, code and text. */
  | { readonly kind: 'refuse'; readonly status: number; readonly code: string; readonly message: string }
  /** Not carried out: an error page such as a proxy or an overloaded front end sends. */
  | { readonly kind: 'page'; readonly status: number; readonly body?: string }
  /** Not carried out, the connection is reset. */
  | { readonly kind: 'reset before' }
  /** Carried out, and the connection is reset before the answer: the lost answer. */
  | { readonly kind: 'reset after' }
  /** Carried out, and an error page in the place of the answer. */
  | { readonly kind: 'page after'; readonly status: number }
  /** Carried out; half of the answer, then the end of the connection. */
  | { readonly kind: 'cut off' }
  /** Carried out, status 200, but the body is not XML. */
  | { readonly kind: 'not xml' }
  /** Never answered; carried out or not. */
  | { readonly kind: 'hang'; readonly isCarriedOut: boolean };

export interface FaultRule {
  /** Default: every operation. */
  readonly operation?: OperationName;
  /** The how-manieth matching request, counted from 1 since the rule was added. Default 1. */
  readonly nth?: number;
  /** For how many matching requests, from `nth` on. Default 1; `Infinity` until the rules are cleared. */
  readonly times?: number;
  readonly fault: Fault;
}

interface Counted {
  readonly rule: FaultRule;
  seen: number;
}

export class FaultScript {
  #rules: Counted[] = [];

  add(rule: FaultRule): void {
    this.#rules.push({ rule, seen: 0 });
  }

  clear(): void {
    this.#rules = [];
  }

  /** Counts the request with every rule; the first rule whose turn it is decides. */
  next(operation: OperationName): Fault | undefined {
    const due = this.#rules.filter(
      ({ rule }) => rule.operation === undefined || rule.operation === operation,
    );
    for (const counted of due) counted.seen += 1;
    return due.find(({ rule, seen }) => {
      const first = rule.nth ?? 1;
      return seen >= first && seen < first + (rule.times ?? 1);
    })?.rule.fault;
  }
}

/** `Rate exceeded`: more requests a second than the account has. */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #now: () => Date;
  #tokens: number;
  #filledAt: number;

  constructor(perSecond: number, burst: number, now: () => Date) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#now = now;
    this.#tokens = burst;
    this.#filledAt = now().getTime();
  }

  /** Whether one more request fits. */
  take(): boolean {
    const now = this.#now().getTime();
    const gained = (Math.max(0, now - this.#filledAt) / 1000) * this.#perSecond;
    this.#tokens = Math.min(this.#burst, this.#tokens + gained);
    this.#filledAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
