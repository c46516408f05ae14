import { describe, expect, it } from 'vitest';
import { attemptRow } from '../../src/core/attempt-row.ts';
import type { CertificateRecord } from '../../src/core/certificate-record.ts';
import { parseCertificateName, parseDomain } from '../../src/core/names.ts';

const at = '2026-01-01T00:00:00Z';
const early = '2026-01-02T00:00:00Z';
const later = '2026-01-03T00:00:00Z';
const late = '2026-01-04T00:00:00Z';
const error = { code: 'acme.rate-limited', message: 'too many certificates', hint: 'wait' };
const record: CertificateRecord = {
  format: 1,
  name: parseCertificateName('lan.example'),
  spec: { domains: [parseDomain('lan.example')], server: 'https://ca.example/dir', keyType: 'ec256' },
  deployHooks: [],
  hooks: [],
};
const renewal = (instant: string) => ({ renewAt: new Date(instant), reason: 'a third is left' });
const byItself = (instant: string) => ({ at: instant, reason: 'a third is left' });

describe('the attempts to get a certificate', () => {
  it.each<[string, Partial<CertificateRecord>, string | undefined, object | null]>([
    ['when it is due', {}, early, byItself(early)],
    [
      'after our own wait, when that is longer',
      { backoff: { failures: 3, until: late } },
      early,
      { at: late, reason: 'it failed 3 times in a row' },
    ],
    [
      'after the wait for one failure',
      { backoff: { failures: 1, until: late } },
      undefined,
      { at: late, reason: 'it failed once' },
    ],
    [
      'when it is due, although a wait ends before',
      { backoff: { failures: 3, until: early } },
      late,
      byItself(late),
    ],
    [
      "when the CA's wait is over, if that is the longest",
      { backoff: { failures: 1, until: early }, wait: { until: late, spec: record.spec, error } },
      later,
      { at: late, reason: 'the CA wants it so: too many certificates' },
    ],
    ['nobody knows when, if there is none and nothing to wait for', {}, undefined, null],
  ])('go on %s', (_when, changes, renewAt, expected) => {
    const due = renewAt === undefined ? undefined : renewal(renewAt);
    expect(attemptRow({ ...record, ...changes }, due).nextAttempt).toEqual(expected);
  });

  it('tell the last one, and how many failed in a row', () => {
    const failed = { ...record, lastAttempt: { at, error }, backoff: { failures: 3, until: late } };
    expect(attemptRow(failed, undefined)).toMatchObject({ lastAttempt: { at, error }, failures: 3 });
    expect(attemptRow({ ...record, lastAttempt: { at } }, undefined)).toMatchObject({
      lastAttempt: { at, error: null },
      failures: 0,
    });
  });

  it('are none without a record', () => {
    expect(attemptRow(undefined, undefined)).toEqual({ lastAttempt: null, failures: 0, nextAttempt: null });
  });
});
