import type { CertificateRow } from '../core/certificate-row.ts';

const dayMs = 86_400_000;

/** The one line that says how it is; in capitals what somebody must look at. */
export function summary(row: CertificateRow, now: Date): string {
  if (row.notAfter === null) return withoutCertificate(row);
  const left = Date.parse(row.notAfter) - now.getTime();
  if (left <= 0) return 'EXPIRED';
  if (row.revoked !== null) return 'REVOKED';
  const good = left >= dayMs ? `good for ${daysOf(left)}` : 'good for less than a day';
  const failed = row.lastAttempt?.error ? ', RENEWAL FAILED' : '';
  return `${good}, ${row.deployed ? 'deployed' : 'NOT DEPLOYED'}${failed}`;
}

/** One whose record or files cannot be read may be served all the same. */
function withoutCertificate({ error }: CertificateRow): string {
  if (error === null) return 'no certificate';
  return error.code.startsWith('state.') ? 'CANNOT BE READ' : 'NO CERTIFICATE';
}

/** Whether somebody must look at it. */
export function isWrong(row: CertificateRow, now: Date): boolean {
  const { error, deployed, revoked, notAfter } = row;
  return error !== null || !deployed || revoked !== null || Date.parse(notAfter ?? '') <= now.getTime();
}

function daysOf(milliseconds: number): string {
  const days = Math.floor(milliseconds / dayMs);
  return `${days} more day${days === 1 ? '' : 's'}`;
}
