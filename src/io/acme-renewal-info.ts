import { parseRenewalInfo } from '../core/acme-renewal-info.ts';
import { retryAfterMs } from '../core/retry-after.ts';
import { LanacmeError } from '../errors.ts';
import type { Clock, RenewalInfo } from '../ports.ts';
import type { AcmeExchange } from './acme-exchange.ts';
import { jsonOf } from './acme-good-answer.ts';

/** RFC 9773 §4.1: an unsigned GET of the resource's URL, a slash, and the certificate's id. */
export async function renewalInfo(
  exchange: AcmeExchange,
  clock: Clock,
  certId: string,
  signal: AbortSignal,
): Promise<RenewalInfo> {
  const directory = await exchange.directory(signal);
  if (directory.renewalInfo === undefined) throw notOffered(directory.url);
  const url = `${directory.renewalInfo.replace(/\/$/, '')}/${certId}`;
  const answer = await exchange.unsigned({ url, asked: 'the request for renewal information' }, signal);
  const wait = retryAfterMs(answer.headers['retry-after'], clock.now());
  return {
    ...parseRenewalInfo(jsonOf(answer, url), url),
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  };
}

function notOffered(directoryUrl: string): LanacmeError {
  return new LanacmeError('acme.refused', `${directoryUrl} offers no renewal information (RFC 9773)`, {
    hint: 'nothing needs to be done: without it a certificate is renewed by its own dates',
  });
}
