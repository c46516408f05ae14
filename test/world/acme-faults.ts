/** What can go wrong between a client and a CA, scripted by a test. */
import { type AcmeResource, acmeResources } from './pebble-log.ts';

/** An answer of the CA, whole. */
export interface CaAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An error without its prefix, `rateLimited`, and whatever else belongs into the problem document. */
export interface Problem {
  readonly type: string;
  readonly detail?: string;
  readonly [member: string]: unknown;
}

export type AcmeFault =
  /** Not forwarded: a problem document (RFC 8555 §6.7), with a fresh nonce as every answer to a POST has. */
  | {
      readonly kind: 'problem';
      readonly status: number;
      readonly problem: Problem;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Not forwarded: a page such as a load balancer or a captive portal sends, without a nonce. */
  | {
      readonly kind: 'page';
      readonly status: number;
      readonly body?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** Not forwarded: the connection is reset. */
  | { readonly kind: 'reset before' }
  /** Forwarded, and the connection is reset before the answer: the lost answer. */
  | { readonly kind: 'reset after' }
  /** Forwarded; half of the answer, then the end of the connection. */
  | { readonly kind: 'cut off' }
  /** Never forwarded, never answered. */
  | { readonly kind: 'silence' }
  /** Forwarded; the answer comes with the nonce that this very request has used up: the CA will refuse it. */
  | { readonly kind: 'used nonce' }
  /** Forwarded; the answer is what `change` makes of it. */
  | { readonly kind: 'changed'; readonly change: (answer: CaAnswer) => CaAnswer | Promise<CaAnswer> };

/** Every kind, so that a script that is misspelt in a table of rows is refused and not passed over. */
const kinds: ReadonlySet<string> = new Set<AcmeFault['kind']>([
  'problem',
  'page',
  'reset before',
  'reset after',
  'cut off',
  'silence',
  'used nonce',
  'changed',
]);

export interface AcmeFaultRule {
  readonly resource: AcmeResource;
  /** The how-manieth request for the resource, counted from 1 since the rule was added. Default 1. */
  readonly nth?: number;
  /** For how many requests, from `nth` on. Default 1; `Infinity` until the rules are cleared. */
  readonly times?: number;
  readonly fault: AcmeFault;
}

interface Counted {
  readonly rule: AcmeFaultRule;
  seen: number;
}

export class AcmeFaultScript {
  #rules: Counted[] = [];

  /** @throws if the rule could never take effect as it is written. */
  add(rule: AcmeFaultRule): void {
    const { resource, nth = 1, times = 1, fault } = rule;
    if (!acmeResources.includes(resource)) throw new Error(`unknown resource in a fault script: ${resource}`);
    if (!kinds.has(fault.kind)) throw new Error(`unknown fault in a fault script: ${fault.kind}`);
    if (!isCount(nth) || (times !== Infinity && !isCount(times))) {
      throw new Error(`a fault script counts from 1: nth ${nth}, times ${times}`);
    }
    this.#rules.push({ rule, seen: 0 });
  }

  clear(): void {
    this.#rules = [];
  }

  /** Rules whose turn never came: the test did not see what it is about. */
  unused(): readonly AcmeFaultRule[] {
    return this.#rules.filter(({ rule, seen }) => seen < (rule.nth ?? 1)).map(({ rule }) => rule);
  }

  /** Counts the request with every rule of its resource; the first whose turn it is decides. */
  next(resource: AcmeResource): AcmeFault | undefined {
    const due = this.#rules.filter(({ rule }) => rule.resource === resource);
    for (const counted of due) counted.seen += 1;
    return due.find(({ rule, seen }) => {
      const first = rule.nth ?? 1;
      return seen >= first && seen < first + (rule.times ?? 1);
    })?.rule.fault;
  }
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 1;
}
