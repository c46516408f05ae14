import type { RenewalSuggestion } from './certificate-record.ts';
import { rfc3339 } from './rfc3339.ts';

/** What came of asking the CA for its suggestion. */
export type SuggestionAnswer =
  | {
      readonly kind: 'answered';
      readonly window: { readonly start: Date; readonly end: Date };
      readonly explanationUrl?: string;
      /** From Retry-After. */
      readonly retryAfterMs?: number;
    }
  /** The CA has no ARI. */
  | { readonly kind: 'not-offered' }
  | {
      readonly kind: 'failed';
      /** The CA said when to come back. */
      readonly retryAt?: Date | undefined;
    };

const minute = 60_000;
const hour = 60 * minute;
/** RFC 9773 §4.3.2 leaves it to the client which values of Retry-After are reasonable: these. */
const soonest = minute;
const latest = 24 * hour;
/** Without a usable Retry-After, and the longest pause after failures (§4.3.3). */
const usual = 6 * hour;

/** Whether the CA may be asked now for this certificate: never before it said so, never once it has expired. */
export function mayAsk(
  stored: RenewalSuggestion | undefined,
  certId: string,
  now: Date,
  notAfter: Date,
): boolean {
  if (now >= notAfter) return false;
  return stored?.certId !== certId || now >= new Date(stored.askAgainAt) || isOfTheFuture(stored, now);
}

/** A clock that has been set back must not keep the CA from being asked. */
function isOfTheFuture({ askedAt }: RenewalSuggestion, now: Date): boolean {
  return new Date(askedAt).getTime() - now.getTime() > minute;
}

/**
 * What is known of a certificate's renewal after the CA was asked. The instant is drawn from a window once, uniformly
 * (RFC 9773 §4.2), and again only if the window changes: who draws at every run renews at the window's start.
 *
 * @param chance in [0, 1)
 */
export function nextSuggestion(
  stored: RenewalSuggestion | undefined,
  certId: string,
  answer: SuggestionAnswer,
  { now, chance }: { readonly now: Date; readonly chance: number },
): RenewalSuggestion {
  const before = stored?.certId === certId ? stored : undefined;
  if (answer.kind === 'failed') return afterFailure(before, certId, answer.retryAt, now);
  if (answer.kind === 'not-offered') return { certId, askedAt: rfc3339(now), askAgainAt: after(now, latest) };
  const [start, end] = wholeSeconds(answer.window);
  const window = { start: rfc3339(start), end: rfc3339(end) };
  const isSame = before?.window?.start === window.start && before.window.end === window.end;
  const offset = Math.floor(chance * (end.getTime() - start.getTime()));
  return {
    certId,
    window,
    renewAt: (isSame ? before.renewAt : undefined) ?? rfc3339(new Date(start.getTime() + offset)),
    ...(answer.explanationUrl === undefined ? {} : { explanationUrl: answer.explanationUrl }),
    askedAt: rfc3339(now),
    askAgainAt: after(now, answer.retryAfterMs ?? usual),
  };
}

/** Of the window, never before or after it: a record has no fractions of a second. */
function wholeSeconds({ start, end }: { readonly start: Date; readonly end: Date }): readonly [Date, Date] {
  const first = Math.ceil(start.getTime() / 1000);
  const last = Math.floor(end.getTime() / 1000);
  return [new Date(first * 1000), new Date(Math.max(first, last) * 1000)];
}

/** What was suggested before still holds; the CA is asked again after 1, 2, 4 … minutes. */
function afterFailure(
  before: RenewalSuggestion | undefined,
  certId: string,
  retryAt: Date | undefined,
  now: Date,
): RenewalSuggestion {
  const failures = (before?.failures ?? 0) + 1;
  const pause = Math.min(minute * 2 ** (failures - 1), usual);
  const told = retryAt === undefined ? pause : retryAt.getTime() - now.getTime();
  return {
    ...before,
    certId,
    askedAt: rfc3339(now),
    askAgainAt: after(now, Math.max(pause, told)),
    failures,
  };
}

function after(now: Date, pauseMs: number): string {
  return rfc3339(new Date(now.getTime() + Math.min(Math.max(pauseMs, soonest), latest)));
}
