import { describe, expect, it } from 'vitest';
import type { CertificateFacts } from '../../src/core/certificate-facts.ts';
import type { CertificateRecord, CertificateSpec } from '../../src/core/certificate-record.ts';
import type { CertificateSituation } from '../../src/core/good-certificate.ts';
import { parseCertificateName, parseDomain } from '../../src/core/names.ts';
import { renewalNeed, toldToWait } from '../../src/core/renewal-need.ts';
import { LanacmeError } from '../../src/errors.ts';

const name = parseCertificateName('lan.example');
const server = 'https://ca.example/dir';
const staging = 'https://staging.ca.example/dir';
const spec: CertificateSpec = { domains: [parseDomain('lan.example')], server, keyType: 'ec256' };
const facts: CertificateFacts = {
  serial: '01',
  issuer: 'Test CA',
  domains: spec.domains,
  notBefore: new Date('2026-01-01T00:00:00Z'),
  notAfter: new Date('2026-04-01T00:00:00Z'),
};
const newer = { ...facts, serial: '02', notBefore: new Date('2026-03-05'), notAfter: new Date('2026-06-03') };
const at = '2026-01-01T00:00:00Z';
const record: CertificateRecord = {
  format: 1,
  name,
  spec,
  deployHooks: [],
  installed: { version: '0001', at, spec },
  hooks: [],
};
const stored = { code: 'acme.rate-limited', message: 'too many orders', hint: 'wait' };
const early = new Date('2026-01-15T00:00:00Z');
const late = new Date('2026-03-10T00:00:00Z');

type Changes = Partial<CertificateSituation> & { readonly record?: CertificateRecord };

function need(changes: Changes) {
  return renewalNeed({
    name,
    wanted: spec,
    record,
    live: facts,
    force: false,
    now: early,
    isStaging: (url) => url === staging,
    ...changes,
  });
}

describe('renew', () => {
  it.each<[string, Changes, readonly string[]]>([
    ['orders what is due', { now: late }, ['less than a third of its 90 days is left']],
    ['orders what it is forced to', { force: true }, ['--force was given']],
    [
      'orders what was never got',
      { record: { ...record, installed: undefined } as unknown as CertificateRecord, live: undefined },
      ['there is no certificate yet'],
    ],
    [
      'orders anew what cannot be used',
      { live: undefined, damage: new LanacmeError('state.broken', 'privkey.pem is gone', { hint: 'x' }) },
      ['its files cannot be used: privkey.pem is gone'],
    ],
    [
      'orders what somebody changed in the JSON, its names included',
      {
        record: { ...record, spec: { ...spec, domains: [parseDomain('nas.lan.example')] } },
        wanted: { ...spec, domains: [parseDomain('nas.lan.example')] },
      },
      ['the names change from lan.example to nas.lan.example'],
    ],
    [
      'orders what is due as this run was told, and says what changes',
      { now: late, wanted: { ...spec, keyType: 'ec384' } },
      ['the key type changes from ec256 to ec384', 'less than a third of its 90 days is left'],
    ],
  ])('%s', (_title, changes, reasons) => {
    expect(need(changes)).toEqual({ kind: 'order', reasons });
  });

  it.each<[string, Changes]>([
    ['leaves alone what is not due', {}],
    ['does not order for settings of this run alone', { wanted: { ...spec, keyType: 'ec384' } }],
    [
      'does not order while a newer version waits to be tried again',
      {
        now: late,
        record: {
          ...record,
          setAside: {
            installed: {
              version: '0002',
              at,
              spec,
              inspection: {
                ...newer,
                notBefore: newer.notBefore.toISOString(),
                notAfter: newer.notAfter.toISOString(),
                stamp: 'x',
              },
            },
            backoff: { failures: 1, until: at },
            error: { ...stored, at },
          },
        },
      },
    ],
  ])('%s', (_title, changes) => {
    expect(need(changes).kind).toBe('good');
  });

  it('replaces no certificate by one of a staging server, unless it is forced to', () => {
    const changes = { now: late, wanted: { ...spec, server: staging } };
    expect(need(changes)).toMatchObject({
      kind: 'refuse',
      error: { code: 'certificate.staging-over-production' },
    });
    expect(need({ ...changes, force: true }).kind).toBe('order');
  });
});

describe('a certificate that is due', () => {
  const backoff = { failures: 3, until: '2026-03-10T01:40:00Z' };
  const lastAttempt = { at: '2026-03-10T00:00:00Z', error: stored };

  it('waits for the end of its backoff', () => {
    const error: unknown = need({ now: late, record: { ...record, backoff, lastAttempt } });
    expect(error).toMatchObject({
      kind: 'wait',
      error: {
        code: 'renew.backing-off',
        message: 'lan.example failed 3 times in a row and waits until 2026-03-10T01:40:00Z: too many orders',
        outcome: 'wait',
        retryAt: new Date(backoff.until),
      },
    });
  });

  it('is tried at once by --force, and when the backoff is over', () => {
    const waiting = { ...record, backoff, lastAttempt };
    expect(need({ now: late, record: waiting, force: true }).kind).toBe('order');
    expect(need({ now: new Date(backoff.until), record: waiting }).kind).toBe('order');
  });

  const wait = { until: '2026-03-11T00:00:00Z', spec, error: stored };

  it('waits as long as the CA said, --force or not', () => {
    for (const force of [false, true]) {
      expect(need({ now: late, record: { ...record, wait }, force })).toMatchObject({
        kind: 'wait',
        error: {
          code: 'acme.told-to-wait',
          message: 'the CA wants no order for lan.example before 2026-03-11T00:00:00Z: too many orders',
          retryAt: new Date(wait.until),
        },
      });
    }
  });

  it('does not wait for what the CA said of another order, nor for what is over', () => {
    const other = { ...spec, domains: [parseDomain('nas.lan.example')] };
    expect(toldToWait(name, { ...record, wait }, other, late)).toBeUndefined();
    expect(toldToWait(name, { ...record, wait }, spec, new Date(wait.until))).toBeUndefined();
    expect(toldToWait(name, undefined, spec, late)).toBeUndefined();
  });
});
