/** Longest wait believed, so that a broken header cannot put a certificate off for good. */
const longest = 31 * 24 * 3600 * 1000;

const imfFixdate = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;
const rfc850Date = /^(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, \d\d-[A-Z][a-z]{2}-\d\d \d\d:\d\d:\d\d GMT$/;
const asctimeDate = /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun) [A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4}$/;

/**
 * A Retry-After header (RFC 9110 §10.2.3: whole seconds or an HTTP-date) as milliseconds from `now`, never negative,
 * at most 31 days. Undefined when the header is absent or is neither: the caller's own pace then holds.
 */
export function retryAfterMs(header: string | undefined, now: Date): number | undefined {
  const text = header?.trim() ?? '';
  const milliseconds = /^\d+$/.test(text) ? Number(text) * 1000 : httpDate(text) - now.getTime();
  if (Number.isNaN(milliseconds)) return undefined;
  return Math.min(Math.max(milliseconds, 0), longest);
}

/** The three forms of RFC 9110 §5.6.7 as epoch milliseconds, else NaN: `Date.parse` alone would take nearly anything. */
function httpDate(text: string): number {
  if (imfFixdate.test(text) || rfc850Date.test(text)) return Date.parse(text);
  return asctimeDate.test(text) ? Date.parse(`${text} GMT`) : NaN;
}
