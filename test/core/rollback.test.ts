import { describe, expect, it } from 'vitest';
import type { CertificateRecord, InstalledVersion } from '../../src/core/certificate-record.ts';
import { parseCertificateName, parseDomain } from '../../src/core/names.ts';
import {
  earlierVersions,
  holdVersion,
  interruptedRollback,
  recordRollback,
} from '../../src/core/rollback.ts';

const at = '2026-11-22T12:00:00Z';
const spec = {
  domains: [parseDomain('lan.example')],
  server: 'https://ca.example/dir',
  keyType: 'ec256',
} as const;
const versionOf = (version: string, keyType: 'ec256' | 'rsa2048' = 'ec256'): InstalledVersion => ({
  version,
  at,
  spec: { ...spec, keyType },
});
const record: CertificateRecord = {
  format: 1,
  name: parseCertificateName('lan.example'),
  spec: { ...spec, keyType: 'rsa2048' },
  deployHooks: ['reload'],
  installed: versionOf('0003', 'rsa2048'),
  earlier: [versionOf('0002'), versionOf('0001')],
  hooks: [{ command: 'reload', wanted: '0003', done: '0003' }],
  ari: { certId: 'a.b', askedAt: at, askAgainAt: at },
  backoff: { failures: 1, until: at },
};

describe('the versions to go back to', () => {
  it.each<[string, readonly string[], string, readonly string[], readonly string[]]>([
    ['are the older ones, the newest first', ['0001', '0002', '0003', '0004'], '0003', [], ['0002', '0001']],
    ['are none that a person left', ['0001', '0002', '0003'], '0003', ['0002'], ['0001']],
    ['go by number', ['9999', '10000', '10001'], '10000', [], ['9999']],
    ['are none at all of the first', ['0001', '0002'], '0001', [], []],
  ])('%s', (_, present, live, held, expected) => {
    expect(earlierVersions(present, live, held)).toEqual(expected);
  });
});

describe('the record of a certificate that is gone back with', () => {
  const back = recordRollback(holdVersion(record, '0003', ['0001', '0002', '0003']), versionOf('0002'));

  it('holds the version that was left and knows it still', () => {
    expect(back.held).toEqual(['0003']);
    expect(back.earlier?.map(({ version }) => version)).toEqual(['0003', '0001']);
  });

  it('wants what the older version was ordered with, so that the next run does not order at once', () => {
    expect(back.spec).toEqual(spec);
    expect(back.installed).toEqual(versionOf('0002'));
  });

  it('owes the older version to every hook', () => {
    expect(back.hooks).toEqual([{ command: 'reload', wanted: '0002' }]);
  });

  it('forgets what the CA suggested for the other certificate, and no backoff', () => {
    expect(back.ari).toBeUndefined();
    expect(back.backoff).toEqual(record.backoff);
  });

  it('holds a version that was to be tried again, too', () => {
    const setAside = {
      installed: versionOf('0004'),
      backoff: { failures: 1, until: at },
      error: { code: 'hook.failed', message: 'it failed', hint: 'mend it', at },
    };
    const holding = holdVersion({ ...record, setAside }, '0003', ['0002', '0003', '0004']);
    expect(holding).toMatchObject({ held: ['0003', '0004'] });
    expect(holding.setAside).toBeUndefined();
  });

  it('holds nothing that is not on disk any more', () => {
    expect(holdVersion({ ...record, held: ['0001', '0002'] }, '0003', ['0002', '0003']).held).toEqual([
      '0002',
      '0003',
    ]);
  });
});

describe('a run that died while it went back', () => {
  it.each<[string, CertificateRecord, string, object | undefined]>([
    [
      'shows by a held version that the record takes for live',
      { ...record, held: ['0003'] },
      '0002',
      { from: '0003' },
    ],
    ['shows nothing before the flip', { ...record, held: ['0003'] }, '0003', undefined],
    ['is not one that died while it installed', record, '0004', undefined],
  ])('%s', (_, before, live, expected) => {
    expect(interruptedRollback(before, live)).toEqual(expected);
  });
});
