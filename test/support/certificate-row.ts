import type { CertificateRow } from '../../src/core/certificate-row.ts';
import { parseCertificateName } from '../../src/core/names.ts';

/** The row of a certificate with which nothing is wrong, on 2026-11-22, changed so. */
export function goodRow(changes: Partial<CertificateRow> = {}): CertificateRow {
  return {
    name: parseCertificateName('lan.example'),
    domains: ['*.lan.example', 'lan.example'],
    serial: '0a1b',
    issuer: 'R13',
    profile: null,
    notBefore: '2026-10-22T10:00:00Z',
    notAfter: '2027-01-20T10:00:00Z',
    renewAt: '2026-12-21T10:00:00Z',
    renewReason: 'a third of its lifetime is left then',
    deployed: true,
    path: '/var/lib/lanacme/live/lan.example',
    keyType: 'ec256',
    error: null,
    server: 'https://ca.example/dir',
    version: '0002',
    installedAt: '2026-10-22T11:00:00Z',
    exempt: true,
    exemptReason: 'it replaces a certificate within the window',
    revoked: null,
    lastAttempt: { at: '2026-10-22T11:00:00Z', error: null },
    failures: 0,
    nextAttempt: { at: '2026-12-21T10:00:00Z', reason: 'a third of its lifetime is left then' },
    hooks: [],
    served: [],
    setAside: null,
    held: [],
    ...changes,
  };
}

/** What the row of a certificate that was never there says. */
export const noCertificate = {
  serial: null,
  issuer: null,
  notBefore: null,
  notAfter: null,
  renewAt: null,
  path: null,
  version: null,
  installedAt: null,
  exempt: null,
  exemptReason: null,
  lastAttempt: null,
  nextAttempt: null,
} as const;
