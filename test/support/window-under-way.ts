import type { RenewalInfoAnswer } from '../world/pebble.ts';

/**
 * What a CA says that wants a certificate renewed by the next run (RFC 9773 §4.2). The window is not over: one that ends
 * in the very second in which the certificate became valid is taken for a mistake of the CA's. Whatever is drawn from
 * it, no run is left out of its last 90 minutes.
 */
export function windowUnderWay(now = Date.now()): RenewalInfoAnswer {
  return { suggestedWindow: { start: hoursFrom(now, -48), end: hoursFrom(now, 1) } };
}

function hoursFrom(now: number, hours: number): string {
  return new Date(now + hours * 3_600_000).toISOString();
}
