import { expect, test } from 'vitest';
import type { CertificateRecord } from '../../src/core/certificate-record.ts';
import { parseCertificateName, parseDomain } from '../../src/core/names.ts';
import { newestInstant } from '../../src/core/newest-instant.ts';

const spec = {
  domains: [parseDomain('lan.example')],
  server: 'https://ca.example/dir',
  keyType: 'ec256',
} as const;
const record: CertificateRecord = {
  format: 1,
  name: parseCertificateName('lan.example'),
  spec,
  deployHooks: [],
  hooks: [],
};
const [older, newer] = ['2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'];

test('a record in which nothing has happened yet has no newest instant', () => {
  expect(newestInstant(record)).toBeUndefined();
});

test.each<[string, Partial<CertificateRecord>]>([
  ['an installation', { installed: { version: '0001', at: newer, spec } }],
  ['an attempt', { installed: { version: '0001', at: older, spec }, lastAttempt: { at: newer } }],
  ['a question to the CA', { ari: { certId: 'a.b', askedAt: newer, askAgainAt: '2030-01-01T00:00:00Z' } }],
  [
    'a hook that failed',
    {
      hooks: [{ command: 'x', wanted: '0001', lastError: { code: 'c', message: 'm', hint: 'h', at: newer } }],
    },
  ],
  ['a look at what is served', { served: { version: '0001', at: newer, checks: [] } }],
])('%s counts, what is yet to come does not', (_title, change) => {
  expect(newestInstant({ ...record, ...change })).toEqual(new Date(newer));
});
