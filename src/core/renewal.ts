import { rfc3339 } from './rfc3339.ts';

/** The dates of a certificate. */
export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** Whether to renew, from when on, and why: a sentence that `status`, the log and the tests read alike. */
export interface RenewalDecision {
  readonly kind: 'wait' | 'due';
  readonly renewAt: Date;
  readonly reason: string;
}

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Under this lifetime a third would be too few tries: half is left then (Let's Encrypt's advice). */
const shortLifetime = 10 * day;

/** By the certificate's own dates: when a third of its lifetime is left, or half of a short one. */
export function decideRenewal({ notBefore, notAfter }: Validity, now: Date): RenewalDecision {
  const lifetime = notAfter.getTime() - notBefore.getTime();
  const isShort = lifetime < shortLifetime;
  const renewAt = new Date(notAfter.getTime() - lifetime / (isShort ? 2 : 3));
  const share = `${isShort ? 'half' : 'a third'} of its ${duration(lifetime)} is left`;
  if (now >= notAfter) return { kind: 'due', renewAt, reason: `it expired at ${rfc3339(notAfter)}` };
  if (now >= renewAt) return { kind: 'due', renewAt, reason: `less than ${share}` };
  return { kind: 'wait', renewAt, reason: `it is renewed when ${share}` };
}

/** In the largest unit of which there are a few. CAs take a second off, or add one: it is rounded away. */
function duration(milliseconds: number): string {
  const [size, unit] = units.find(([size]) => milliseconds > 2 * size) ?? ([second, 'seconds'] as const);
  return `${Number((milliseconds / size).toFixed(1))} ${unit}`;
}

const units = [
  [day, 'days'],
  [hour, 'hours'],
  [minute, 'minutes'],
] as const;
