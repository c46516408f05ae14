import { escapeText } from '../core/escape.ts';
import { type IdentityRow, nameOf } from '../core/identity-life.ts';

/** The host's identity at AWS as a block below those of its certificates; in capitals what somebody must look at. */
export function identityBlock(row: IdentityRow): string {
  const { error, file, notAfter, serial } = row;
  const lines: readonly (readonly [label: string, value: string | null])[] = [
    ['error', error === null ? null : `${error.message} (${error.code})`],
    ['hint', error === null ? null : error.hint],
    ['expires', notAfter],
    ['serial', serial],
    ['file', file],
  ];
  const told = lines.flatMap(([label, value]) =>
    value === null ? [] : [`  ${label.padEnd(10)}${escapeText(value)}`],
  );
  return [`${nameOf(row)} for AWS  ${summary(row)}`, ...told].join('\n');
}

function summary({ error, daysLeft }: IdentityRow): string {
  const days = `${daysLeft ?? 0} more day${daysLeft === 1 ? '' : 's'}`;
  switch (error?.code) {
    case undefined:
      return `good for ${days}`;
    case 'credentials.certificate-ends-soon':
      return `ENDS SOON: good for ${daysLeft === 0 ? 'less than a day' : days}`;
    case 'credentials.certificate-expired':
      return 'EXPIRED';
    case 'credentials.certificate-not-yet-valid':
      return 'NOT YET VALID';
    default:
      return 'CANNOT BE READ';
  }
}
