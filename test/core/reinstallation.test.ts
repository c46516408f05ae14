import { expect, it } from 'vitest';
import {
  type CertificateRecord,
  type InstalledVersion,
  withoutMembers,
} from '../../src/core/certificate-record.ts';
import { parseCertificateName, parseDomain } from '../../src/core/names.ts';
import { reasonsToReinstall, recordReinstallation } from '../../src/core/reinstallation.ts';

const at = '2026-11-22T12:00:00Z';
const spec = {
  domains: [parseDomain('lan.example')],
  server: 'https://ca.example/dir',
  keyType: 'ec256',
} as const;
const installed: InstalledVersion = { version: '0001', at, spec, certId: 'a.b', terms: { combined: true } };
const record: CertificateRecord = {
  format: 1,
  name: parseCertificateName('lan.example'),
  spec,
  deployHooks: ['reload'],
  installed,
  hooks: [{ command: 'reload', wanted: '0001', done: '0001' }],
  ari: { certId: 'a.b', askedAt: at, askAgainAt: at },
  wait: { until: at, spec, error: { code: 'acme.rate-limited', message: 'too many', hint: 'wait' } },
  lastAttempt: { at },
};

it('what the files of the live version lack, or have too much, is a reason to write them again', () => {
  expect(reasonsToReinstall(record, { combined: true, reuseKey: true })).toEqual([]);
  expect(reasonsToReinstall(record, { keyGroup: 'web' })).toEqual(['--key-group', '--combined']);
});

it('there is no reason while a newer version waits to be put back, or none is live', () => {
  const setAside = {
    installed: { ...installed, version: '0002' },
    backoff: { failures: 1, until: at },
    error: { code: 'hook.failed', message: 'it failed', hint: 'mend it', at },
  };
  expect(reasonsToReinstall({ ...record, setAside }, {})).toEqual([]);
  expect(reasonsToReinstall(withoutMembers(record, ['installed']), { combined: true })).toEqual([]);
});

it('the same certificate keeps what the CA said of it, and its hooks are owed the new version', () => {
  const again = { ...installed, version: '0002', at: '2026-11-23T12:00:00Z' };
  const noted = recordReinstallation(record, again, { keyGroup: 'web' });
  expect(noted).toEqual({
    ...record,
    terms: { keyGroup: 'web' },
    installed: { ...again, terms: { keyGroup: 'web' } },
    earlier: [installed],
    hooks: [{ command: 'reload', wanted: '0002', done: '0001' }],
  });
});
