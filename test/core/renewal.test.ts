import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InstalledVersion, RenewalSuggestion } from '../../src/core/certificate-record.ts';
import { decideRenewal, type RenewalKnowledge, type Validity } from '../../src/core/renewal.ts';
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

const ninetyDays = {
  notBefore: new Date('2026-01-01T00:00:00Z'),
  notAfter: new Date('2026-04-01T00:00:00Z'),
};
const certId = 'aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE';
const installed: InstalledVersion = {
  version: '0001',
  at: '2026-01-01T01:00:00Z',
  spec: { domains: [], server: 'https://ca.example/directory', keyType: 'ec256' },
  certId,
};
const window = { start: '2026-03-01T00:00:00Z', end: '2026-03-02T19:00:00Z' };
const suggestion: RenewalSuggestion = {
  certId,
  window,
  renewAt: '2026-03-01T10:00:00Z',
  askedAt: '2026-02-28T00:00:00Z',
  askAgainAt: '2026-02-28T06:00:00Z',
};
const suggests = 'the CA suggests to renew it between 2026-03-01T00:00:00Z and 2026-03-02T19:00:00Z';
const byDates = 'it is renewed when a third of its 90 days is left';

function decide(now: string, known: Partial<RenewalKnowledge> = {}, validity: Validity = ninetyDays) {
  const decision = decideRenewal(validity, new Date(now), { installed, ari: suggestion, ...known });
  return { ...decision, renewAt: rfc3339(decision.renewAt) };
}

describe('when a certificate is renewed for which the CA suggests a window', () => {
  const shortlived = {
    notBefore: new Date('2026-01-01T00:00:00Z'),
    notAfter: new Date('2026-01-07T16:00:00Z'),
  };
  const ofShortlived = (renewAt: string): RenewalSuggestion => ({
    ...suggestion,
    window: { start: '2026-01-04T06:24:00Z', end: '2026-01-04T09:36:00Z' },
    renewAt,
  });

  it.each<[string, string, RenewalSuggestion, Validity, object]>([
    [
      'it waits for the instant that was drawn',
      '2026-03-01T09:59:59Z',
      suggestion,
      ninetyDays,
      { kind: 'wait', renewAt: '2026-03-01T10:00:00Z', reason: suggests },
    ],
    [
      'it is due from that instant on',
      '2026-03-01T10:00:00Z',
      suggestion,
      ninetyDays,
      { kind: 'due', renewAt: '2026-03-01T10:00:00Z', reason: suggests },
    ],
    [
      'the page that explains the window is told',
      '2026-03-01T10:00:00Z',
      { ...suggestion, explanationUrl: 'https://ca.example/incident' },
      ninetyDays,
      { kind: 'due', reason: `${suggests}: see https://ca.example/incident` },
    ],
    [
      'it is due before that if the next run would come after the window',
      '2026-01-04T08:06:00Z',
      ofShortlived('2026-01-04T09:30:00Z'),
      shortlived,
      { kind: 'due', renewAt: '2026-01-04T08:06:00Z' },
    ],
    [
      'it waits while another run fits into the window',
      '2026-01-04T08:05:59Z',
      ofShortlived('2026-01-04T09:30:00Z'),
      shortlived,
      { kind: 'wait', renewAt: '2026-01-04T08:06:00Z' },
    ],
    [
      'it is not due before the window, however short that is: such an order would count as any other',
      '2026-01-04T08:59:59Z',
      {
        ...ofShortlived('2026-01-04T09:15:00Z'),
        window: { start: '2026-01-04T09:00:00Z', end: '2026-01-04T09:20:00Z' },
      },
      shortlived,
      { kind: 'wait', renewAt: '2026-01-04T09:00:00Z' },
    ],
    [
      'a window that is over makes it due at once: so CAs tell of an incident',
      '2026-01-10T00:00:00Z',
      {
        ...suggestion,
        window: { start: '2026-01-09T23:00:00Z', end: '2026-01-09T23:30:00Z' },
        renewAt: '2026-01-09T23:20:00Z',
      },
      ninetyDays,
      { kind: 'due', renewAt: '2026-01-09T23:00:00Z' },
    ],
    [
      'a window that was over before the certificate was valid says nothing',
      '2026-01-10T00:00:00Z',
      {
        ...suggestion,
        window: { start: '2025-12-30T00:00:00Z', end: '2026-01-01T00:00:00Z' },
        renewAt: '2025-12-30T10:00:00Z',
      },
      ninetyDays,
      { kind: 'wait', renewAt: '2026-03-02T00:00:00Z', reason: byDates },
    ],
    [
      'a window later than by the dates is waited for',
      '2026-03-10T00:00:00Z',
      {
        ...suggestion,
        window: { start: '2026-03-20T00:00:00Z', end: '2026-03-21T00:00:00Z' },
        renewAt: '2026-03-20T05:00:00Z',
      },
      ninetyDays,
      { kind: 'wait', renewAt: '2026-03-20T05:00:00Z' },
    ],
    [
      'a window near the end of the lifetime, or after it, is not waited for',
      '2026-03-23T00:00:00Z',
      {
        ...suggestion,
        window: { start: '2026-05-01T00:00:00Z', end: '2026-05-02T00:00:00Z' },
        renewAt: '2026-05-01T05:00:00Z',
      },
      ninetyDays,
      {
        kind: 'due',
        renewAt: '2026-03-23T00:00:00Z',
        reason: 'the CA suggests a later time, but less than a tenth of its 90 days is left',
      },
    ],
    [
      'until then it says until when',
      '2026-03-22T23:59:59Z',
      {
        ...suggestion,
        window: { start: '2026-05-01T00:00:00Z', end: '2026-05-02T00:00:00Z' },
        renewAt: '2026-05-01T05:00:00Z',
      },
      ninetyDays,
      {
        kind: 'wait',
        renewAt: '2026-03-23T00:00:00Z',
        reason: 'it is renewed when a tenth of its 90 days is left',
      },
    ],
    [
      'one that could not be had yet leaves it to the dates',
      '2026-03-01T12:00:00Z',
      { certId, askedAt: suggestion.askedAt, askAgainAt: suggestion.askAgainAt, failures: 3 },
      ninetyDays,
      { kind: 'wait', renewAt: '2026-03-02T00:00:00Z', reason: byDates },
    ],
    [
      'one for another certificate leaves it to the dates',
      '2026-03-01T12:00:00Z',
      { ...suggestion, certId: 'aYhba4dGQEHhs3uEe6CuLN4ByNQ.AA' },
      ninetyDays,
      { kind: 'wait', renewAt: '2026-03-02T00:00:00Z', reason: byDates },
    ],
    [
      'one that has expired says so',
      '2026-04-01T00:00:00Z',
      suggestion,
      ninetyDays,
      { kind: 'due', reason: 'it expired at 2026-04-01T00:00:00Z' },
    ],
  ])('%s', (_, now, ari, validity, expected) => {
    expect(decide(now, { ari }, validity)).toMatchObject(expected);
  });
});

describe('a certificate that was revoked', () => {
  const revoked = { serial: '4c01', at: '2026-01-05T00:00:00Z', reason: 'keyCompromise' };

  it('is due since then', () => {
    expect(decide('2026-01-06T00:00:00Z', { revoked }, { ...ninetyDays, serial: '4c01' })).toEqual({
      kind: 'due',
      renewAt: '2026-01-05T00:00:00Z',
      reason: 'it was revoked at 2026-01-05T00:00:00Z (keyCompromise)',
    });
  });

  it('is another than the one in place', () => {
    expect(decide('2026-01-06T00:00:00Z', { revoked }, { ...ninetyDays, serial: '4c02' }).kind).toBe('wait');
  });
});

describe('whatever is known', () => {
  const instant = fc.date({ min: new Date('2025-12-01'), max: new Date('2026-05-01'), noInvalidDate: true });

  it('it is due exactly from the instant that is told on, and never later than a tenth of the lifetime before the end', () => {
    fc.assert(
      fc.property(
        instant,
        instant,
        fc.nat(48 * 60),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (now, start, minutes, chance) => {
          const end = new Date(start.getTime() + (minutes + 1) * 60_000);
          const renewAt = new Date(start.getTime() + chance * (end.getTime() - start.getTime()));
          const ari = {
            ...suggestion,
            window: { start: start.toISOString(), end: end.toISOString() },
            renewAt: renewAt.toISOString(),
          };
          const decision = decideRenewal(ninetyDays, now, { installed, ari });
          expect(decision.kind === 'due').toBe(now >= decision.renewAt);
          expect(decision.renewAt.getTime()).toBeLessThanOrEqual(Date.parse('2026-03-23T00:00:00Z'));
          // An order outside of the window counts against the limits of the CA.
          if (decision.reason.startsWith('the CA suggests to')) {
            expect(decision.renewAt.getTime()).toBeGreaterThanOrEqual(start.getTime());
            expect(decision.renewAt.getTime()).toBeLessThanOrEqual(end.getTime());
          }
        },
      ),
    );
  });
});
