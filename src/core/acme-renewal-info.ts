import { badAnswer, objectOf, stringOf } from './acme-member.ts';

/** A suggestion as the CA gives it; `end` is after `start`. */
export interface SuggestedWindow {
  readonly window: { readonly start: Date; readonly end: Date };
  /** A page for people, of http or https, short enough to be shown. */
  readonly explanationUrl?: string;
}

/**
 * A RenewalInfo object (RFC 9773 §4.2) found at `url`.
 *
 * @throws LanacmeError `acme.bad-answer`; also for a window that ends before it starts: the RFC has it taken for none.
 */
export function parseRenewalInfo(json: unknown, url: string): SuggestedWindow {
  const where = `the renewal information ${url}`;
  const info = objectOf(json, where);
  const suggested = objectOf(info['suggestedWindow'], `${where}: suggestedWindow`);
  const start = instantOf(suggested['start'], `${where}: start`);
  const end = instantOf(suggested['end'], `${where}: end`);
  if (end <= start) throw badAnswer(`${where}: the window ends at ${stamp(end)}, not after ${stamp(start)}`);
  const explanationUrl = pageOf(info['explanationURL']);
  return { window: { start, end }, ...(explanationUrl === undefined ? {} : { explanationUrl }) };
}

/** RFC 3339 §5.6, with any offset and fractions of a second. A record holds years of four digits. */
const rfc3339 = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,20})?([Zz]|[+-]\d\d:\d\d)$/;
const firstKept = Date.UTC(1970, 0);
const lastKept = Date.UTC(9999, 0);

function instantOf(value: unknown, where: string): Date {
  const text = stringOf(value, where);
  const instant = rfc3339.test(text) ? Date.parse(text.toUpperCase().replace(' ', 'T')) : NaN;
  if (!(instant >= firstKept && instant < lastKept)) {
    throw badAnswer(`${where} is ${JSON.stringify(text.slice(0, 100))}, not a time (RFC 3339)`);
  }
  return new Date(instant);
}

const longestPage = 500;

/** It explains, no more: one that is no link that a person could open is left out. */
function pageOf(value: unknown): string | undefined {
  if (typeof value !== 'string' || value.length > longestPage) return undefined;
  // Nothing but what RFC 3986 lets into a URL: it is printed.
  if (!/^https?:\/\/[\w.~:/?#[\]@!$&'()*+,;=%-]+$/.test(value) || !URL.canParse(value)) return undefined;
  return value;
}

function stamp(instant: Date): string {
  return instant.toISOString();
}
