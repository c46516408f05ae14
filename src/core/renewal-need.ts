import { LanacmeError } from '../errors.ts';
import { type CertificateRecord, type CertificateSpec, isSameOrder } from './certificate-record.ts';
import { type CertificateSituation, judgeCertificate, type Verdict } from './good-certificate.ts';
import { factsOf } from './inspection.ts';
import type { CertificateName } from './names.ts';

/** What `renew` has to do for a certificate now. */
export type RenewalNeed =
  | Verdict
  /** It is to be ordered, and not yet: `error` has the instant. */
  | { readonly kind: 'wait'; readonly error: LanacmeError }
  /** This host's clock is wrong: no date is judged. */
  | { readonly kind: 'unjudged' };

/**
 * Whether a certificate is to be ordered again: because it is due, damaged, forced, or kept with other words than it was
 * ordered with. Settings of this run (`wanted`) say how it is ordered then, and are no reason by themselves.
 */
export function renewalNeed(
  situation: CertificateSituation & { readonly record: CertificateRecord },
): RenewalNeed {
  const { record, wanted, now, name, force } = situation;
  const stored = judgeCertificate({
    ...setAsideInPlace(situation),
    wanted: record.spec,
    namesMayDiffer: true,
  });
  if (stored.kind !== 'order') return stored;
  const verdict = judgeCertificate({ ...situation, namesMayDiffer: true });
  const told = toldToWait(name, record, wanted, now);
  if (told !== undefined) return { kind: 'wait', error: told };
  const backingOff = force ? undefined : ownBackoff(name, record, now);
  return backingOff === undefined ? verdict : { kind: 'wait', error: backingOff };
}

/** A newer version that is only set aside is tried again, not ordered again: it is judged as if it were live. */
export function setAsideInPlace<S extends CertificateSituation>(situation: S): S {
  const { record, live } = situation;
  const newer = record?.setAside?.installed;
  if (live === undefined || record === undefined || newer?.inspection === undefined) return situation;
  return { ...situation, record: { ...record, installed: newer }, live: factsOf(newer.inspection) };
}

/** The CA has said when it wants to hear of such an order again: that holds for whoever asks. */
export function toldToWait(
  name: CertificateName,
  record: CertificateRecord | undefined,
  wanted: CertificateSpec,
  now: Date,
): LanacmeError | undefined {
  const wait = record?.wait;
  if (wait === undefined || !isSameOrder(wait.spec, wanted)) return undefined;
  const until = new Date(wait.until);
  if (until <= now) return undefined;
  const message = `the CA wants no order for ${name} before ${wait.until}: ${wait.error.message}`;
  return new LanacmeError('acme.told-to-wait', message, {
    hint: wait.error.hint,
    outcome: 'wait',
    retryAt: until,
  });
}

function ownBackoff(name: CertificateName, record: CertificateRecord, now: Date): LanacmeError | undefined {
  const { backoff, lastAttempt } = record;
  if (backoff === undefined || new Date(backoff.until) <= now) return undefined;
  const { failures, until } = backoff;
  const times = failures === 1 ? 'once' : `${failures} times in a row`;
  const last = lastAttempt?.error === undefined ? '' : `: ${lastAttempt.error.message}`;
  return new LanacmeError('renew.backing-off', `${name} failed ${times} and waits until ${until}${last}`, {
    hint: `mend what the message says; lanacme renew ${name} --force tries at once`,
    outcome: 'wait',
    retryAt: new Date(until),
  });
}
