import type { CertificateRow } from '../core/certificate-row.ts';
import { escapeText } from '../core/escape.ts';

const dayMs = 86_400_000;

/**
 * Certificates as a person likes to read them: one block each, what matters first, nothing cut off.
 *
 * ```
 * lan.example            good for 60 more days
 *   names       *.lan.example, lan.example
 *   …
 * ```
 */
export function statusTable(rows: readonly CertificateRow[], now: Date): string {
  if (rows.length === 0) return 'no certificates yet: lanacme issue --domain NAME gets the first';
  const width = Math.max(...rows.map((row) => row.name.length)) + 2;
  return rows.map((row) => blockOf(row, width, now)).join('\n\n');
}

function blockOf(row: CertificateRow, width: number, now: Date): string {
  const facts: readonly (readonly [string, string | null])[] = [
    ['names', row.domains.join(', ')],
    ['expires', row.notAfter],
    ['renewal', row.renewAt === null ? row.renewReason : `${row.renewAt}: ${row.renewReason}`],
    ['issuer', row.issuer],
    ['serial', row.serial],
    ['key', row.profile === null ? row.keyType : `${row.keyType ?? ''}, profile ${row.profile}`],
    ['path', row.path],
    ['error', row.error === null ? null : `${row.error.message} (${row.error.code})`],
    ['hint', row.error === null ? null : row.error.hint],
  ];
  const lines = facts
    .filter(([, value]) => value !== null && value !== '')
    .map(([label, value]) => `  ${label.padEnd(9)}${escapeText(value ?? '')}`);
  return [`${row.name.padEnd(width)}${summary(row, now)}`, ...lines].join('\n');
}

function summary(row: CertificateRow, now: Date): string {
  if (row.notAfter === null) return row.error === null ? 'no certificate' : 'NO CERTIFICATE';
  const left = Date.parse(row.notAfter) - now.getTime();
  if (left <= 0) return 'EXPIRED';
  const days = Math.floor(left / dayMs);
  const good = days >= 1 ? `good for ${days} more day${days === 1 ? '' : 's'}` : 'good for less than a day';
  return row.deployed ? `${good}, deployed` : `${good}, NOT DEPLOYED`;
}
