import { LanacmeError } from '../errors.ts';
import type { CertificateRow } from './certificate-row.ts';
import type { IdentityRow } from './identity-life.ts';

const dayMs = 86_400_000;

/**
 * What monitoring has to know of a certificate whose files and record can be read: that there is none, that it ends
 * within so many days, that it was revoked, that those who use it do not have it.
 */
export function expiryProblems(row: CertificateRow, days: number, now: Date): readonly LanacmeError[] {
  if (row.notAfter === null) return [missing(row)];
  const left = Date.parse(row.notAfter) - now.getTime();
  return [
    ...(left <= days * dayMs ? [endsSoon(row, row.notAfter, left)] : []),
    ...(row.revoked === null ? [] : [revoked(row, row.revoked)]),
    ...(row.deployed ? [] : [notDeployed(row)]),
  ];
}

/**
 * That nothing can be renewed here any more, or yet: AWS does not take the certificate that this host is known by. One
 * that ends soon is left to `status` and to the metrics, since DAYS are for certificates that are renewed by themselves;
 * one that cannot be read may be closed to who asks alone.
 */
export function identityProblems({ error }: IdentityRow): readonly LanacmeError[] {
  const code = useless.find((one) => one === error?.code);
  if (error === null || code === undefined) return [];
  return [new LanacmeError(code, error.message, { hint: error.hint })];
}

const useless = [
  'credentials.certificate-expired',
  'credentials.certificate-not-yet-valid',
  'credentials.certificate-invalid',
] as const;

/** Nothing is good only where nothing is wanted, and whoever has this watched wants something. */
export function nothingToCheck(): LanacmeError {
  return new LanacmeError('certificate.missing', 'there is no certificate on this host', {
    hint: 'get one with lanacme issue, or name the folder that has them with --state-dir',
  });
}

function missing(row: CertificateRow): LanacmeError {
  return new LanacmeError('certificate.missing', `there is no certificate ${row.name}`, {
    hint: row.error?.hint ?? 'see what lanacme renew says',
    details: lastError(row),
  });
}

function endsSoon(row: CertificateRow, notAfter: string, left: number): LanacmeError {
  const days = Math.ceil(left / dayMs);
  const when = left <= 0 ? 'has ended' : `ends within ${days === 1 ? 'a day' : `${days} days`}`;
  return new LanacmeError('certificate.expires-soon', `certificate ${row.name} ${when}: ${notAfter}`, {
    hint: row.error?.hint ?? 'see that lanacme renew runs every hour, or run it now',
    details: lastError(row),
  });
}

function revoked(row: CertificateRow, { at, reason }: { at: string; reason: string }): LanacmeError {
  return new LanacmeError('certificate.revoked', `certificate ${row.name} was revoked on ${at}: ${reason}`, {
    hint: 'replace it: lanacme renew; or remove it: lanacme delete',
  });
}

function notDeployed(row: CertificateRow): LanacmeError {
  const what = row.setAside === null ? '' : `version ${row.setAside.version} of `;
  return new LanacmeError('certificate.not-deployed', `${what}certificate ${row.name} is not deployed`, {
    hint: row.error?.hint ?? 'run what is owed: lanacme deploy',
    details: lastError(row),
  });
}

function lastError({ error }: CertificateRow): readonly string[] {
  return error === null ? [] : [`${error.message} (${error.code})`];
}
