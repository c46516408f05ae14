import { describe, expect, it } from 'vitest';
import type { CertificateRow } from '../../src/core/certificate-row.ts';
import { expiryProblems, nothingToCheck } from '../../src/core/expiry-check.ts';
import { goodRow, noCertificate } from '../support/certificate-row.ts';

const now = new Date('2026-11-22T10:00:00Z');
const at = '2026-11-22T09:00:00Z';
const error = { code: 'acme.caa', message: 'the CA may not issue', hint: 'change the CAA record' };

/** The code and sentence of each, with how many days it has to be good still. */
function check(changes: Partial<CertificateRow>, days = 14): readonly string[] {
  return expiryProblems(goodRow(changes), days, now).map(({ code, message }) => `${code}: ${message}`);
}

describe('a look at the expiry of a certificate, for monitoring', () => {
  it('finds nothing wrong with one that is good for longer, and deployed', () => {
    expect(check({})).toEqual([]);
  });

  it.each<[string, Partial<CertificateRow>, readonly string[]]>([
    ['there is none', noCertificate, ['certificate.missing: there is no certificate lan.example']],
    [
      'it ends within so many days',
      { notAfter: '2026-12-06T10:00:00Z' },
      ['certificate.expires-soon: certificate lan.example ends within 14 days: 2026-12-06T10:00:00Z'],
    ],
    ['it ends a second later', { notAfter: '2026-12-06T10:00:01Z' }, []],
    [
      'it ends today',
      { notAfter: '2026-11-22T11:00:00Z' },
      ['certificate.expires-soon: certificate lan.example ends within a day: 2026-11-22T11:00:00Z'],
    ],
    [
      'it has ended',
      { notAfter: '2026-11-22T10:00:00Z' },
      ['certificate.expires-soon: certificate lan.example has ended: 2026-11-22T10:00:00Z'],
    ],
    [
      'it was revoked',
      { revoked: { at, reason: 'superseded' } },
      [`certificate.revoked: certificate lan.example was revoked on ${at}: superseded`],
    ],
    [
      'those who use it do not have it',
      { deployed: false },
      ['certificate.not-deployed: certificate lan.example is not deployed'],
    ],
    [
      'a newer version did not pass its checks',
      { deployed: false, setAside: { version: '0004', error: { ...error, at }, nextAttempt: at } },
      ['certificate.not-deployed: version 0004 of certificate lan.example is not deployed'],
    ],
    ['a renewal failed while there is time', { error, lastAttempt: { at, error }, failures: 1 }, []],
    [
      'several things are wrong',
      { notAfter: '2026-11-22T10:00:00Z', deployed: false },
      [
        'certificate.expires-soon: certificate lan.example has ended: 2026-11-22T10:00:00Z',
        'certificate.not-deployed: certificate lan.example is not deployed',
      ],
    ],
  ])('when %s', (_what, changes, found) => {
    expect(check(changes)).toEqual(found);
  });

  it('with 0 days finds only what has ended', () => {
    expect(check({ notAfter: '2026-11-22T10:00:01Z' }, 0)).toEqual([]);
    expect(check({ notAfter: '2026-11-22T10:00:00Z' }, 0)).toHaveLength(1);
  });

  it.each<[string, Partial<CertificateRow>]>([
    ['is missing', noCertificate],
    ['ends soon', { notAfter: '2026-11-23T10:00:00Z' }],
    ['is not deployed', { deployed: false }],
  ])('tells of one that %s the failure behind it, and what helps against that', (_what, changes) => {
    expect(expiryProblems(goodRow({ ...changes, error }), 14, now)).toMatchObject([
      { hint: 'change the CAA record', details: ['the CA may not issue (acme.caa)'], outcome: 'failed' },
    ]);
    expect(expiryProblems(goodRow(changes), 14, now)).toMatchObject([
      { hint: expect.stringMatching(/lanacme (renew|deploy)/) as string, details: [] },
    ]);
  });

  it('is not content with a host that has none: it is watched, so something is wanted there', () => {
    expect(nothingToCheck()).toMatchObject({ code: 'certificate.missing', outcome: 'failed' });
  });
});
