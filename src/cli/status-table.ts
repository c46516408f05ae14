import type { CertificateRow } from '../core/certificate-row.ts';
import { escapeText } from '../core/escape.ts';
import { deploymentLines, type Line } from './status-deployment.ts';
import { isWrong, summary } from './status-summary.ts';

/**
 * Certificates as a person likes to read them: one block each, what matters first, nothing cut off; below several, one
 * line that says whether anything is wrong.
 *
 * ```
 * lan.example  good for 60 more days, deployed
 *   names     *.lan.example, lan.example
 *   …
 * ```
 */
export function statusTable(rows: readonly CertificateRow[], now: Date): string {
  if (rows.length === 0) return 'no certificates yet: lanacme issue --domain NAME gets the first';
  const width = Math.max(...rows.map((row) => row.name.length)) + 2;
  const blocks = rows.map((row) => blockOf(row, width, now));
  return [...blocks, ...(rows.length === 1 ? [] : [verdict(rows, now)])].join('\n\n');
}

function verdict(rows: readonly CertificateRow[], now: Date): string {
  const wrong = rows.filter((row) => isWrong(row, now));
  if (wrong.length === 0) return `nothing is wrong with these ${rows.length} certificates`;
  return `to look at: ${wrong.map(({ name }) => name).join(', ')} (${wrong.length} of ${rows.length})`;
}

function blockOf(row: CertificateRow, width: number, now: Date): string {
  const told = [renewalLines(row), attemptLines(row, now), deploymentLines(row, now), identityLines(row)];
  const lines = told
    .flat()
    .filter(([, value]) => value !== null && value !== '')
    .map(([label, value]) => `  ${label.padEnd(10)}${escapeText(value ?? '')}`);
  return [`${row.name.padEnd(width)}${summary(row, now)}`, ...lines].join('\n');
}

function renewalLines(row: CertificateRow): readonly Line[] {
  const { error, revoked, exempt, exemptReason } = row;
  return [
    ['error', error === null ? null : `${error.message} (${error.code})`],
    ['hint', error === null ? null : error.hint],
    ['names', row.domains.join(', ')],
    ['expires', row.notAfter],
    ['revoked', revoked === null ? null : `${revoked.at}: ${revoked.reason}`],
    ['renewal', row.renewAt === null ? row.renewReason : `${row.renewAt}: ${row.renewReason}`],
    ['limits', exempt === null ? null : `${exempt ? 'exempt' : 'not exempt'}: ${exemptReason ?? ''}`],
  ];
}

function attemptLines({ lastAttempt, nextAttempt, renewAt }: CertificateRow, now: Date): readonly Line[] {
  const isDelayed =
    nextAttempt !== null && nextAttempt.at !== renewAt && Date.parse(nextAttempt.at) > now.getTime();
  return [
    ['last try', lastAttempt && `${lastAttempt.at}: ${lastAttempt.error === null ? 'succeeded' : 'failed'}`],
    ['next try', isDelayed ? `not before ${nextAttempt.at}: ${nextAttempt.reason}` : null],
  ];
}

function identityLines(row: CertificateRow): readonly Line[] {
  return [
    ['issuer', row.issuer],
    ['serial', row.serial],
    ['key', row.profile === null ? row.keyType : `${row.keyType ?? ''}, profile ${row.profile}`],
    ['version', row.version],
    ['path', row.path],
  ];
}
