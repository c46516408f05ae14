import { describe, expect, it } from 'vitest';
import type { CertificateRecord } from '../../src/core/certificate-record.ts';
import { withoutFuture } from '../../src/core/future-notes.ts';
import { parseCertificateName } from '../../src/core/names.ts';
import { newestInstant } from '../../src/core/newest-instant.ts';

const now = new Date('2026-01-10T00:00:00Z');
const nowText = '2026-01-10T00:00:00Z';
const past = '2026-01-01T00:00:00Z';
const future = '2031-01-01T00:00:00Z';
const spec = { domains: [], server: 'https://ca.example/directory', keyType: 'ec256' } as const;
const version = (number: string, at: string) => ({ version: number, at, spec });
const failure = { code: 'acme.unreachable', message: 'no answer', hint: 'wait' };
const record: CertificateRecord = {
  format: 1,
  name: parseCertificateName('lan.example'),
  spec,
  deployHooks: ['reload'],
  installed: version('0002', past),
  earlier: [version('0001', past)],
  lastAttempt: { at: past },
  ari: { certId: 'a.b', askedAt: past, askAgainAt: past },
  backoff: { failures: 1, until: past },
  wait: { until: past, spec, error: failure },
  served: { version: '0002', at: past, checks: [] },
  revoked: { serial: '01', at: past, reason: 'superseded' },
  setAside: {
    installed: version('0003', past),
    backoff: { failures: 2, until: past },
    error: { ...failure, at: past },
  },
  hooks: [
    {
      command: 'reload',
      wanted: '0002',
      done: '0001',
      lastError: { ...failure, at: past },
      backoff: { failures: 4, until: past },
    },
  ],
};

describe('what a record says of the future', () => {
  it('is nothing as a rule: it stays as it is', () => {
    expect(withoutFuture(record, now)).toBe(record);
    expect(withoutFuture({ ...record, lastAttempt: { at: '2026-01-10T00:01:00Z' } }, now)).toMatchObject({
      lastAttempt: { at: '2026-01-10T00:01:00Z' },
    });
  });

  it.each<[string, Partial<CertificateRecord>, object]>([
    ['an installation', { installed: version('0002', future) }, { installed: version('0002', nowText) }],
    ['an earlier one', { earlier: [version('0001', future)] }, { earlier: [version('0001', nowText)] }],
    [
      'an attempt, with what was to be waited for after it',
      { lastAttempt: { at: future, error: failure }, backoff: { failures: 1, until: future } },
      { lastAttempt: { at: nowText, error: failure }, backoff: undefined, wait: undefined },
    ],
    ['a suggestion', { ari: { certId: 'a.b', askedAt: future, askAgainAt: future } }, { ari: undefined }],
    ['a check', { served: { version: '0002', at: future, checks: [] } }, { served: undefined }],
    [
      'a revocation',
      { revoked: { serial: '01', at: future, reason: 'superseded' } },
      { revoked: { serial: '01', at: nowText, reason: 'superseded' } },
    ],
    [
      'a version that was set aside: it is tried again now',
      {
        setAside: {
          installed: version('0003', past),
          backoff: { failures: 2, until: future },
          error: { ...failure, at: future },
        },
      },
      {
        setAside: {
          installed: version('0003', past),
          backoff: { failures: 2, until: nowText },
          error: { ...failure, at: nowText },
        },
      },
    ],
    [
      'a hook that failed: it is tried again now',
      {
        hooks: [
          {
            command: 'reload',
            wanted: '0002',
            lastError: { ...failure, at: future },
            backoff: { failures: 4, until: future },
          },
        ],
      },
      { hooks: [{ command: 'reload', wanted: '0002', lastError: { ...failure, at: nowText } }] },
    ],
  ])('is told to be of now: %s', (_, change, expected) => {
    const corrected = withoutFuture({ ...record, ...change }, now);
    expect(corrected).toEqual({ ...record, ...change, ...expected });
    expect(newestInstant(corrected)?.getTime()).toBeLessThanOrEqual(now.getTime());
  });
});
