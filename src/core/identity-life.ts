import { type ErrorCode, LanacmeError } from '../errors.ts';
import type { CertificateLife } from './certificate-life.ts';
import type { StoredError } from './certificate-record.ts';
import { rfc3339 } from './rfc3339.ts';

/** How long before its end the certificate that is this host's identity at AWS is warned about. */
const warnDays = 30;

const dayMs = 86_400_000;

/** Which certificate that is: of an IoT thing, or of a private CA for IAM Roles Anywhere. */
export interface IdentitySource {
  readonly source: 'iot' | 'roles-anywhere';
  /** As configured: a path, or `credential:NAME`. */
  readonly file: string;
}

/** The identity as `--json` shows it. Times are RFC 3339 UTC; null where the file cannot be read. */
export interface IdentityRow extends IdentitySource {
  readonly serial: string | null;
  readonly notBefore: string | null;
  readonly notAfter: string | null;
  /** Whole days until then, 0 once it has ended. */
  readonly daysLeft: number | null;
  /** Why somebody must look at it. */
  readonly error: StoredError | null;
}

/**
 * The row of a certificate, and what has to be done about it: without it nothing can be renewed.
 *
 * @param certificate or why there is none.
 */
export function identityRow(
  identity: IdentitySource,
  certificate: CertificateLife | LanacmeError,
  now: Date,
): IdentityRow {
  if (certificate instanceof LanacmeError) return unreadable(identity, certificate);
  const { serial, notBefore, notAfter } = certificate;
  return {
    ...identity,
    serial,
    notBefore: rfc3339(notBefore),
    notAfter: rfc3339(notAfter),
    daysLeft: Math.max(0, Math.floor((notAfter.getTime() - now.getTime()) / dayMs)),
    error: told(problemOf(identity, certificate, now)),
  };
}

function problemOf(
  identity: IdentitySource,
  { notBefore: from, notAfter: until }: CertificateLife,
  now: Date,
): LanacmeError | undefined {
  const left = until.getTime() - now.getTime();
  const which = `the ${nameOf(identity)} in ${identity.file}`;
  if (left <= 0) {
    const message = `${which} ended on ${rfc3339(until)}: AWS lets this host in no more`;
    return failure('credentials.certificate-expired', message, replace(identity));
  }
  if (now < from) {
    const message = `${which} is not valid before ${rfc3339(from)}`;
    const hint = `the clock of this host says ${rfc3339(now)}: if that is wrong, correct it (timedatectl set-ntp true)`;
    return failure('credentials.certificate-not-yet-valid', message, hint);
  }
  if (left > warnDays * dayMs) return undefined;
  const message = `${which} ends ${within(left)}, on ${rfc3339(until)}: then AWS lets this host in no more`;
  return failure('credentials.certificate-ends-soon', message, replace(identity));
}

/** As people call it. */
export function nameOf({ source }: IdentitySource): string {
  return source === 'iot' ? 'device certificate' : 'Roles Anywhere certificate';
}

function within(left: number): string {
  const days = Math.floor(left / dayMs);
  if (days === 0) return 'within a day';
  return `in ${days} day${days === 1 ? '' : 's'}`;
}

function replace({ source, file }: IdentitySource): string {
  const how =
    source === 'iot'
      ? 'make a new one for the same thing (aws iot create-certificate-from-csr, attach-policy, attach-thing-principal)'
      : 'have your CA sign a new one for the same name';
  return `${how} and put it in place of ${file}, with its key: the next session uses it, nothing has to be restarted`;
}

/** What is in the file is none. */
export function noCertificate({ file }: IdentitySource): LanacmeError {
  return failure(
    'credentials.certificate-invalid',
    `${file} holds no certificate in PEM form`,
    'it must begin with -----BEGIN CERTIFICATE-----; openssl x509 -inform der -in FILE converts a binary one',
  );
}

function unreadable(identity: IdentitySource, error: LanacmeError): IdentityRow {
  const nothing = { serial: null, notBefore: null, notAfter: null, daysLeft: null };
  return { ...identity, ...nothing, error: told(error) };
}

function told(error: LanacmeError | undefined): StoredError | null {
  return error === undefined ? null : { code: error.code, message: error.message, hint: error.hint };
}

function failure(code: ErrorCode, message: string, hint: string): LanacmeError {
  return new LanacmeError(code, message, { hint });
}
