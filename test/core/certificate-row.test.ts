import { describe, expect, it } from 'vitest';
import type { CertificateRecord } from '../../src/core/certificate-record.ts';
import { certificateRow, type RowSource } from '../../src/core/certificate-row.ts';
import { parseCertificateName, parseDomain } from '../../src/core/names.ts';
import { LanacmeError } from '../../src/errors.ts';

const now = new Date('2026-01-15T00:00:00Z');
const at = '2026-01-01T00:00:00Z';
const name = parseCertificateName('lan.example');
const facts = {
  serial: '0a1b',
  issuer: 'Test CA',
  domains: [parseDomain('lan.example'), parseDomain('*.lan.example')],
  notBefore: new Date('2026-01-01T00:00:00Z'),
  notAfter: new Date('2026-04-01T00:00:00Z'),
};
const spec = {
  domains: facts.domains,
  server: 'https://ca.example/dir',
  keyType: 'ec256',
  profile: 'classic',
} as const;
const failure = { code: 'acme.caa', message: 'the CA may not issue', hint: 'change the CAA record' };
const hookFailure = { code: 'hook.failed', message: 'the hook failed', hint: 'mend it' };
const record: CertificateRecord = {
  format: 1,
  name,
  spec,
  deployHooks: ['reload'],
  installed: { version: '0001', at, spec },
  hooks: [{ command: 'reload', wanted: '0001', done: '0001' }],
  lastAttempt: { at },
};
const full: RowSource = { name, record, live: { path: '/state/live/lan.example' }, facts };
const row = {
  name: 'lan.example',
  domains: ['lan.example', '*.lan.example'],
  serial: '0a1b',
  issuer: 'Test CA',
  profile: 'classic',
  notBefore: '2026-01-01T00:00:00Z',
  notAfter: '2026-04-01T00:00:00Z',
  renewAt: '2026-03-02T00:00:00Z',
  renewReason: 'it is renewed when a third of its 90 days is left',
  deployed: true,
  path: '/state/live/lan.example',
  keyType: 'ec256',
  error: null,
};
const nothing = {
  serial: null,
  issuer: null,
  notBefore: null,
  notAfter: null,
  renewAt: null,
  path: null,
  deployed: false,
};

describe('the row of a certificate', () => {
  it('tells everything', () => {
    expect(certificateRow(full, now)).toEqual({
      ...row,
      server: 'https://ca.example/dir',
      version: '0001',
      installedAt: at,
      exempt: false,
      exemptReason: 'the certificate in place was ordered by another account',
      revoked: null,
      lastAttempt: { at, error: null },
      failures: 0,
      nextAttempt: { at: row.renewAt, reason: row.renewReason },
      hooks: [{ command: 'reload', wanted: '0001', done: '0001', error: null, nextAttempt: null }],
      served: [],
      setAside: null,
      held: [],
    });
  });

  const owed: CertificateRecord = {
    ...record,
    hooks: [{ command: 'reload', wanted: '0002', done: '0001', lastError: { ...hookFailure, at } }],
  };
  const damage = new LanacmeError('state.broken', 'privkey.pem does not match cert.pem', {
    hint: 'order anew',
  });

  it.each<[string, RowSource, object]>([
    ['without hooks it is deployed', { ...full, record: { ...record, deployHooks: [], hooks: [] } }, row],
    [
      'without a profile it has none',
      {
        ...full,
        record: {
          ...record,
          installed: {
            version: '0001',
            at,
            spec: { domains: spec.domains, server: spec.server, keyType: 'ec256' },
          },
        },
      },
      { ...row, profile: null },
    ],
    [
      'a hook that failed is an error, and it is not deployed',
      { ...full, record: owed },
      { ...row, deployed: false, error: hookFailure },
    ],
    [
      'an order that failed weighs more than a hook',
      { ...full, record: { ...owed, lastAttempt: { at, error: failure } } },
      { ...row, deployed: false, error: failure },
    ],
    [
      'what was asked for later does not change what is in place',
      { ...full, record: { ...record, spec: { ...spec, keyType: 'rsa2048', profile: 'shortlived' } } },
      row,
    ],
    [
      'a first order that failed tells what was asked for',
      {
        name,
        record: { format: 1, name, spec, deployHooks: [], hooks: [], lastAttempt: { at, error: failure } },
      },
      { ...row, ...nothing, renewReason: 'there is no certificate yet', error: failure },
    ],
    [
      'damaged files are the error that counts',
      { name, record: { ...owed, lastAttempt: { at, error: failure } }, damage },
      {
        ...row,
        ...nothing,
        renewReason: 'what is on disk cannot be used',
        error: { code: 'state.broken', message: 'privkey.pem does not match cert.pem', hint: 'order anew' },
      },
    ],
    [
      'a record that cannot be read leaves the name',
      { name, damage },
      {
        ...row,
        ...nothing,
        domains: [],
        profile: null,
        keyType: null,
        renewReason: 'what is on disk cannot be used',
        error: { code: 'state.broken', message: 'privkey.pem does not match cert.pem', hint: 'order anew' },
      },
    ],
    [
      'files without a record tell what they say of themselves',
      { ...full, record: undefined },
      { ...row, profile: null, keyType: null, deployed: false },
    ],
  ])('%s', (_, source, expected) => {
    expect(certificateRow(source, now)).toMatchObject(expected);
  });

  it('says when it is due', () => {
    const due = certificateRow(full, new Date('2026-03-05T00:00:00Z'));
    expect(due).toMatchObject({ ...row, renewReason: 'less than a third of its 90 days is left' });
  });

  describe('says whether its renewal is exempt from the limits of the CA', () => {
    const window = { start: '2026-03-01T00:00:00Z', end: '2026-03-03T00:00:00Z' };
    const renewAt = '2026-03-02T00:00:00Z';
    const certId = 'abc.def';
    const known: CertificateRecord = {
      ...record,
      installed: { version: '0001', at, spec, account: 'https://ca.example/acct/1', certId },
      ari: { certId, window, renewAt, askedAt: at, askAgainAt: at },
    };
    const late = { until: '2026-03-04T00:00:00Z', failures: 3 };
    it.each<[string, RowSource, Date, boolean | null, RegExp]>([
      ['at the instant that was drawn', { ...full, record: known }, now, true, /within the window/],
      ['after our own wait', { ...full, record: { ...known, backoff: late } }, now, false, /window .* ended/],
      ['when it is overdue', { ...full, record: known }, new Date('2026-03-05T00:00:00Z'), false, /ended/],
      ['without a certificate', { name, record: known }, now, null, /^null$/],
      ['without a record', { ...full, record: undefined }, now, null, /^null$/],
    ])('%s', (_what, source, at, exempt, reason) => {
      const { exempt: is, exemptReason } = certificateRow(source, at);
      expect(is).toBe(exempt);
      expect(String(exemptReason)).toMatch(reason);
    });
  });

  it('says that the certificate in place was revoked, not that one before it was', () => {
    const revoked = { serial: facts.serial, at, reason: 'superseded' };
    const rowWith = (serial: string) =>
      certificateRow({ ...full, record: { ...record, revoked: { ...revoked, serial } } }, now);
    expect(rowWith(facts.serial).revoked).toEqual({ at, reason: 'superseded' });
    expect(rowWith('ffff').revoked).toBeNull();
  });
});
