import { describe, expect, it } from 'vitest';
import { decideRenewal } from '../../src/core/renewal.ts';
import { rfc3339 } from '../../src/core/rfc3339.ts';

const rows: readonly {
  readonly title: string;
  readonly notBefore: string;
  readonly notAfter: string;
  readonly now: string;
  readonly expected: { readonly kind: 'wait' | 'due'; readonly renewAt: string; readonly reason: string };
}[] = [
  {
    title: 'a certificate of 90 days waits until 30 are left',
    notBefore: '2026-01-01T00:00:00Z',
    notAfter: '2026-04-01T00:00:00Z',
    now: '2026-01-01T00:00:00Z',
    expected: {
      kind: 'wait',
      renewAt: '2026-03-02T00:00:00Z',
      reason: 'it is renewed when a third of its 90 days is left',
    },
  },
  {
    title: 'a second before its instant it still waits',
    notBefore: '2026-01-01T00:00:00Z',
    notAfter: '2026-04-01T00:00:00Z',
    now: '2026-03-01T23:59:59Z',
    expected: {
      kind: 'wait',
      renewAt: '2026-03-02T00:00:00Z',
      reason: 'it is renewed when a third of its 90 days is left',
    },
  },
  {
    title: 'at its instant it is due',
    notBefore: '2026-01-01T00:00:00Z',
    notAfter: '2026-04-01T00:00:00Z',
    now: '2026-03-02T00:00:00Z',
    expected: {
      kind: 'due',
      renewAt: '2026-03-02T00:00:00Z',
      reason: 'less than a third of its 90 days is left',
    },
  },
  {
    title: 'the second that a CA takes off the lifetime is not told',
    notBefore: '2026-01-01T00:00:00Z',
    notAfter: '2026-03-31T23:59:59Z',
    now: '2026-01-02T00:00:00Z',
    expected: {
      kind: 'wait',
      renewAt: '2026-03-01T23:59:59Z',
      reason: 'it is renewed when a third of its 90 days is left',
    },
  },
  {
    title: 'ten days are not short: a third',
    notBefore: '2026-01-01T00:00:00Z',
    notAfter: '2026-01-11T00:00:00Z',
    now: '2026-01-01T00:00:00Z',
    expected: {
      kind: 'wait',
      renewAt: '2026-01-07T16:00:00Z',
      reason: 'it is renewed when a third of its 10 days is left',
    },
  },
  {
    title: 'a second less is short: half',
    notBefore: '2026-01-01T00:00:00Z',
    notAfter: '2026-01-10T23:59:58Z',
    now: '2026-01-01T00:00:00Z',
    expected: {
      kind: 'wait',
      renewAt: '2026-01-05T23:59:59Z',
      reason: 'it is renewed when half of its 10 days is left',
    },
  },
  {
    title: 'a certificate of 160 hours is due after 80',
    notBefore: '2026-01-01T00:00:00Z',
    notAfter: '2026-01-07T16:00:00Z',
    now: '2026-01-04T08:00:00Z',
    expected: {
      kind: 'due',
      renewAt: '2026-01-04T08:00:00Z',
      reason: 'less than half of its 6.7 days is left',
    },
  },
  {
    title: 'a lifetime of hours is told in hours',
    notBefore: '2026-01-01T00:00:00Z',
    notAfter: '2026-01-01T06:00:00Z',
    now: '2026-01-01T00:00:00Z',
    expected: {
      kind: 'wait',
      renewAt: '2026-01-01T03:00:00Z',
      reason: 'it is renewed when half of its 6 hours is left',
    },
  },
  {
    title: 'a lifetime of minutes is told in minutes',
    notBefore: '2026-01-01T00:00:00Z',
    notAfter: '2026-01-01T00:06:00Z',
    now: '2026-01-01T00:02:59Z',
    expected: {
      kind: 'wait',
      renewAt: '2026-01-01T00:03:00Z',
      reason: 'it is renewed when half of its 6 minutes is left',
    },
  },
  {
    title: 'a lifetime of seconds is told in seconds',
    notBefore: '2026-01-01T00:00:00Z',
    notAfter: '2026-01-01T00:00:40Z',
    now: '2026-01-01T00:00:30Z',
    expected: {
      kind: 'due',
      renewAt: '2026-01-01T00:00:20Z',
      reason: 'less than half of its 40 seconds is left',
    },
  },
  {
    title: 'one that has expired says since when',
    notBefore: '2026-01-01T00:00:00Z',
    notAfter: '2026-04-01T00:00:00Z',
    now: '2026-04-01T00:00:00Z',
    expected: { kind: 'due', renewAt: '2026-03-02T00:00:00Z', reason: 'it expired at 2026-04-01T00:00:00Z' },
  },
];

describe('when a certificate is renewed', () => {
  it.each(rows)('$title', ({ notBefore, notAfter, now, expected }) => {
    const validity = { notBefore: new Date(notBefore), notAfter: new Date(notAfter) };
    const { kind, renewAt, reason } = decideRenewal(validity, new Date(now));
    expect({ kind, renewAt: rfc3339(renewAt), reason }).toEqual(expected);
  });
});
