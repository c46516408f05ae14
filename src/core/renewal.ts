import type { CertificateRecord, RenewalSuggestion } from './certificate-record.ts';
import { rfc3339 } from './rfc3339.ts';

/** The dates of a certificate. */
export interface Validity {
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Lower-case hex. */
  readonly serial?: string;
}

/** What a record says that bears on when its live certificate is renewed. */
export type RenewalKnowledge = Pick<CertificateRecord, 'installed' | 'ari' | 'revoked'>;

/** Whether to renew, from when on, and why: a sentence that `status`, the log and the tests read alike. */
export interface RenewalDecision {
  /** `due` from `renewAt` on. */
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
/** Runs come every hour, give or take: one that would miss the end of the CA's window must not be waited for. */
const untilNextRun = 90 * minute;
/** With less of the lifetime left than one part of so many, the dates alone count: a CA, or we, may be wrong. */
const lastResort = 10;

/**
 * When a certificate is renewed: at the instant that was drawn from the window which the CA suggests for it, else by its
 * own dates; at once if it was revoked.
 */
export function decideRenewal(
  validity: Validity,
  now: Date,
  { installed, ari, revoked }: RenewalKnowledge = {},
): RenewalDecision {
  if (now >= validity.notAfter) {
    const reason = `it expired at ${rfc3339(validity.notAfter)}`;
    return { kind: 'due', renewAt: byDates(validity, now).renewAt, reason };
  }
  if (revoked !== undefined && revoked.serial === validity.serial) {
    const reason = `it was revoked at ${revoked.at} (${revoked.reason})`;
    return { kind: 'due', renewAt: new Date(revoked.at), reason };
  }
  const suggested = ari === undefined ? undefined : suggestionFor(ari, installed?.certId, validity);
  return suggested === undefined ? byDates(validity, now) : bySuggestion(suggested, validity, now);
}

interface Suggested {
  readonly start: Date;
  readonly end: Date;
  readonly drawn: Date;
  readonly explanationUrl: string | undefined;
}

/** What the CA says of this certificate, if it can be meant: a window that was over before it was valid cannot. */
function suggestionFor(
  { certId, window, renewAt, explanationUrl }: RenewalSuggestion,
  ofLive: string | undefined,
  { notBefore }: Validity,
): Suggested | undefined {
  if (certId !== ofLive || window === undefined || renewAt === undefined) return undefined;
  const [start, end] = [new Date(window.start), new Date(window.end)];
  return end <= notBefore ? undefined : { start, end, drawn: new Date(renewAt), explanationUrl };
}

function bySuggestion(suggested: Suggested, validity: Validity, now: Date): RenewalDecision {
  const { start, end, drawn, explanationUrl } = suggested;
  const lastRunInside = new Date(Math.max(start.getTime(), end.getTime() - untilNextRun));
  const renewAt = earlier(drawn, lastRunInside);
  const last = lastInstant(validity);
  if (last < renewAt) {
    const share = `a tenth of its ${lifetimeWords(validity)} is left`;
    return decided(
      last,
      now,
      `the CA suggests a later time, but less than ${share}`,
      `it is renewed when ${share}`,
    );
  }
  const page = explanationUrl === undefined ? '' : `: see ${explanationUrl}`;
  const reason = `the CA suggests to renew it between ${rfc3339(start)} and ${rfc3339(end)}${page}`;
  return decided(renewAt, now, reason, reason);
}

/** When a third of the lifetime is left, or half of a short one. */
function byDates(validity: Validity, now: Date): RenewalDecision {
  const lifetime = lifetimeOf(validity);
  const isShort = lifetime < shortLifetime;
  const renewAt = new Date(validity.notAfter.getTime() - lifetime / (isShort ? 2 : 3));
  const share = `${isShort ? 'half' : 'a third'} of its ${lifetimeWords(validity)} is left`;
  return decided(renewAt, now, `less than ${share}`, `it is renewed when ${share}`);
}

function decided(renewAt: Date, now: Date, whenDue: string, until: string): RenewalDecision {
  return now >= renewAt
    ? { kind: 'due', renewAt, reason: whenDue }
    : { kind: 'wait', renewAt, reason: until };
}

function lastInstant(validity: Validity): Date {
  return new Date(validity.notAfter.getTime() - lifetimeOf(validity) / lastResort);
}

function lifetimeOf({ notBefore, notAfter }: Validity): number {
  return notAfter.getTime() - notBefore.getTime();
}

function earlier(one: Date, other: Date): Date {
  return one < other ? one : other;
}

/** In the largest unit of which there are a few. CAs take a second off, or add one: it is rounded away. */
function lifetimeWords(validity: Validity): string {
  const milliseconds = lifetimeOf(validity);
  const [size, unit] = units.find(([size]) => milliseconds > 2 * size) ?? ([second, 'seconds'] as const);
  return `${Number((milliseconds / size).toFixed(1))} ${unit}`;
}

const units = [
  [day, 'days'],
  [hour, 'hours'],
  [minute, 'minutes'],
] as const;
