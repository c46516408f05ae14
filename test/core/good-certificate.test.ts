import { describe, expect, it } from 'vitest';
import type { CertificateFacts } from '../../src/core/certificate-facts.ts';
import type { CertificateRecord, CertificateSpec } from '../../src/core/certificate-record.ts';
import { type CertificateSituation, judgeCertificate } from '../../src/core/good-certificate.ts';
import { parseCertificateName, parseDomain } from '../../src/core/names.ts';
import { type ErrorCode, LanacmeError } from '../../src/errors.ts';

const name = parseCertificateName('lan.example');
const domains = (...written: readonly string[]) => written.map(parseDomain);
const production = 'https://ca.example/dir';
const staging = 'https://staging.ca.example/dir';

const spec: CertificateSpec = {
  domains: domains('lan.example', '*.lan.example'),
  server: production,
  keyType: 'ec256',
};
const facts: CertificateFacts = {
  serial: '01',
  issuer: 'Test CA',
  domains: domains('*.lan.example', 'lan.example'),
  notBefore: new Date('2026-01-01T00:00:00Z'),
  notAfter: new Date('2026-04-01T00:00:00Z'),
};
const at = '2026-01-01T00:00:00Z';
const record: CertificateRecord = {
  format: 1,
  name,
  spec,
  deployHooks: [],
  installed: { version: '0001', at, spec },
  hooks: [],
};
const installedWith = (change: Partial<CertificateSpec>): CertificateRecord => ({
  ...record,
  installed: { version: '0001', at, spec: { ...spec, ...change } },
});
const damaged = (code: ErrorCode): LanacmeError =>
  new LanacmeError(code, 'in archive/lan.example/0001, privkey.pem does not match cert.pem', { hint: 'x' });

const good: CertificateSituation = {
  name,
  wanted: spec,
  record,
  live: facts,
  force: false,
  now: new Date('2026-01-15T00:00:00Z'),
  isStaging: (url) => url === staging,
};
const judge = (change: Partial<CertificateSituation>) => judgeCertificate({ ...good, ...change });

describe('a certificate that is good', () => {
  const verdict = {
    kind: 'good',
    renewAt: new Date('2026-03-02T00:00:00Z'),
    reason: 'it is renewed when a third of its 90 days is left',
  };
  it.each<[string, Partial<CertificateSituation>]>([
    ['is the one that is wanted, whatever the order of its names', {}],
    [
      'stays good when a later order for something else failed',
      { record: { ...record, spec: { ...spec, keyType: 'rsa2048' } } },
    ],
    [
      'of a staging server is good where that is wanted',
      { record: installedWith({ server: staging }), wanted: { ...spec, server: staging } },
    ],
    ['is good a second before it is due', { now: new Date('2026-03-01T23:59:59Z') }],
    ['is good from its first second', { now: new Date('2026-01-01T00:00:00Z') }],
  ])('%s', (_, change) => {
    expect(judge(change)).toEqual(verdict);
  });
});

describe('a certificate is ordered', () => {
  const without = { record: undefined, live: undefined };
  it.each<[string, Partial<CertificateSituation>, readonly string[]]>([
    ['when there is none', without, ['there is no certificate yet']],
    [
      'when the first order failed, also for other names',
      {
        live: undefined,
        record: {
          format: 1,
          name,
          spec: { ...spec, domains: domains('typo.example') },
          deployHooks: [],
          hooks: [],
        },
      },
      ['there is no certificate yet'],
    ],
    ['when its link was removed', { live: undefined }, ['live/lan.example is gone']],
    [
      'when its files do not match',
      { live: undefined, damage: damaged('state.broken') },
      ['its files cannot be used: in archive/lan.example/0001, privkey.pem does not match cert.pem'],
    ],
    [
      'when the certificate on disk cannot be read',
      { live: undefined, damage: damaged('certificate.unusable') },
      ['its files cannot be used: in archive/lan.example/0001, privkey.pem does not match cert.pem'],
    ],
    [
      'when its files do not match and nothing says how it was ordered',
      { ...without, damage: damaged('state.broken') },
      ['its files cannot be used: in archive/lan.example/0001, privkey.pem does not match cert.pem'],
    ],
    [
      'when its record is gone',
      { record: undefined },
      ['the record that says how it was ordered is missing'],
    ],
    [
      'when the server changes',
      { wanted: { ...spec, server: 'https://other.example/dir' } },
      ['the server changes from https://ca.example/dir to https://other.example/dir'],
    ],
    [
      'when the server changes from staging',
      { record: installedWith({ server: staging }) },
      ['the server changes from https://staging.ca.example/dir to https://ca.example/dir'],
    ],
    [
      'when the key type changes',
      { wanted: { ...spec, keyType: 'rsa2048' } },
      ['the key type changes from ec256 to rsa2048'],
    ],
    [
      'when a profile is asked for',
      { wanted: { ...spec, profile: 'shortlived' } },
      ["the profile changes from the CA's default to shortlived"],
    ],
    [
      'when another profile is asked for',
      { record: installedWith({ profile: 'classic' }), wanted: { ...spec, profile: 'shortlived' } },
      ['the profile changes from classic to shortlived'],
    ],
    [
      'when no profile is asked for any more',
      { record: installedWith({ profile: 'classic' }) },
      ["the profile changes from classic to the CA's default"],
    ],
    [
      'when another chain is preferred',
      { wanted: { ...spec, preferredChain: 'ISRG Root X1' } },
      ["the preferred chain changes from the CA's default to ISRG Root X1"],
    ],
    [
      'when its file is for other names than its record says',
      { live: { ...facts, domains: domains('lan.example') } },
      ['the names change from lan.example to lan.example, *.lan.example'],
    ],
    [
      'when it is due',
      { now: new Date('2026-03-02T00:00:00Z') },
      ['less than a third of its 90 days is left'],
    ],
    [
      'when the CA suggests to',
      {
        record: {
          ...record,
          installed: { version: '0001', at, spec, certId: 'a.b' },
          ari: {
            certId: 'a.b',
            window: { start: '2026-01-10T00:00:00Z', end: '2026-01-11T00:00:00Z' },
            renewAt: '2026-01-10T06:00:00Z',
            askedAt: at,
            askAgainAt: at,
          },
        },
      },
      ['the CA suggests to renew it between 2026-01-10T00:00:00Z and 2026-01-11T00:00:00Z'],
    ],
    [
      'when it was revoked',
      { record: { ...record, revoked: { serial: '01', at, reason: 'superseded' } } },
      ['it was revoked at 2026-01-01T00:00:00Z (superseded)'],
    ],
    [
      'when it has expired',
      { now: new Date('2026-04-01T00:00:00Z') },
      ['it expired at 2026-04-01T00:00:00Z'],
    ],
    [
      'when it is not valid yet',
      { now: new Date('2025-12-31T23:59:59Z') },
      ['it is not valid before 2026-01-01T00:00:00Z'],
    ],
    [
      'for every reason there is',
      { wanted: { ...spec, keyType: 'ec384', profile: 'x' }, now: new Date('2026-03-02T00:00:00Z') },
      [
        'the key type changes from ec256 to ec384',
        "the profile changes from the CA's default to x",
        'less than a third of its 90 days is left',
      ],
    ],
    ['when that is forced', { force: true }, ['--force was given']],
    [
      'when that is forced and there is none',
      { ...without, force: true },
      ['--force was given', 'there is no certificate yet'],
    ],
    [
      'for other names when that is forced',
      { force: true, wanted: { ...spec, domains: domains('new.example') } },
      ['--force was given', 'the names change from *.lan.example, lan.example to new.example'],
    ],
    [
      'from staging over another server when that is forced',
      { force: true, wanted: { ...spec, server: staging } },
      [
        '--force was given',
        'the server changes from https://ca.example/dir to https://staging.ca.example/dir',
      ],
    ],
  ])('%s', (_, change, reasons) => {
    expect(judge(change)).toEqual({ kind: 'order', reasons });
  });
});

describe('a certificate is not replaced', () => {
  const refusal = (change: Partial<CertificateSituation>): LanacmeError => {
    const verdict = judge(change);
    if (verdict.kind !== 'refuse') throw new Error(`the verdict is ${verdict.kind}`);
    return verdict.error;
  };

  it('by one for other names: the two ways out are told', () => {
    const error = refusal({ wanted: { ...spec, domains: domains('*.lan.example', 'b.lan.example') } });
    expect(error).toMatchObject({
      code: 'names.differ',
      message:
        'certificate lan.example is for lan.example, *.lan.example, and *.lan.example, b.lan.example was asked for',
      hint: 'give the new certificate another --name, or replace the names of this one with --force',
      details: [
        "for one more certificate: lanacme issue --name b.lan.example --domain '*.lan.example' --domain 'b.lan.example'",
        "to replace the names of this one: lanacme issue --name lan.example --force --domain '*.lan.example' --domain 'b.lan.example'",
      ],
      outcome: 'usage',
    });
  });

  it('by one for fewer names', () => {
    const error = refusal({ wanted: { ...spec, domains: domains('lan.example') } });
    expect(error.code).toBe('names.differ');
    expect(error.details[0]).toBe(
      "for one more certificate: lanacme issue --name lan.example-2 --domain 'lan.example'",
    );
  });

  it.each<[string, Partial<CertificateSituation>]>([
    ['the record is gone', { record: undefined }],
    ['its files are damaged', { live: undefined, damage: damaged('state.broken') }],
    ['it is due', { now: new Date('2026-03-02T00:00:00Z') }],
    ['it comes from staging', { wanted: { ...spec, server: staging } }],
  ])('by one for other names, also when %s', (_, change) => {
    const wanted = { ...spec, ...change.wanted, domains: domains('other.example') };
    expect(refusal({ ...change, wanted }).code).toBe('names.differ');
  });

  it('by one of a staging server', () => {
    expect(refusal({ wanted: { ...spec, server: staging } })).toMatchObject({
      code: 'certificate.staging-over-production',
      message:
        'certificate lan.example is from https://ca.example/dir: one of the staging server https://staging.ca.example/dir would replace it',
      hint: 'try the staging server with another --name, or replace this certificate with --force',
      outcome: 'usage',
    });
  });

  it.each(['state.unsafe', 'state.unreadable'] as const)('when what is there is %s', (code) => {
    const damage = damaged(code);
    expect(refusal({ live: undefined, damage })).toBe(damage);
    expect(refusal({ live: undefined, damage, force: true })).toBe(damage);
  });
});
