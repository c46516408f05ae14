import { describe, expect, it } from 'vitest';
import { statusTable } from '../../src/cli/status-table.ts';
import type { CertificateRow } from '../../src/core/certificate-row.ts';
import { parseCertificateName } from '../../src/core/names.ts';

const now = new Date('2026-11-22T10:00:00Z');
const name = parseCertificateName('lan.example');
const good: CertificateRow = {
  name,
  domains: ['*.lan.example', 'lan.example'],
  serial: '0a1b',
  issuer: 'R13',
  profile: null,
  notBefore: '2026-10-22T10:00:00Z',
  notAfter: '2027-01-20T10:00:00Z',
  renewAt: '2026-12-21T10:00:00Z',
  renewReason: 'a third of its lifetime is left then',
  deployed: true,
  path: '/var/lib/lanacme/live/lan.example',
  keyType: 'ec256',
  error: null,
};
const missing = { serial: null, issuer: null, notBefore: null, notAfter: null, renewAt: null, path: null };
const error = { code: 'hook.failed', message: 'the hook failed', hint: 'look at it' };

/** The first line, without the name. */
const summaryOf = (row: Partial<CertificateRow>): string =>
  statusTable([{ ...good, ...row }], now)
    .split('\n')[0]
    ?.replace(/^lan\.example {2}/, '') ?? '';

describe('the table of status', () => {
  it('has a block for a certificate: what matters first, nothing cut off', () => {
    expect(statusTable([good], now)).toBe(
      [
        'lan.example  good for 59 more days, deployed',
        '  names    *.lan.example, lan.example',
        '  expires  2027-01-20T10:00:00Z',
        '  renewal  2026-12-21T10:00:00Z: a third of its lifetime is left then',
        '  issuer   R13',
        '  serial   0a1b',
        '  key      ec256',
        '  path     /var/lib/lanacme/live/lan.example',
      ].join('\n'),
    );
  });

  it('has the summaries of several below each other, an empty line between the blocks', () => {
    const short = { ...good, ...missing, name: parseCertificateName('a.b') };
    const lines = statusTable([short, good], now).split('\n');
    expect(lines[0]).toBe('a.b          no certificate');
    expect(lines).toContain('');
    expect(lines).toContain('lan.example  good for 59 more days, deployed');
  });

  it('says how to get the first if there is none', () => {
    expect(statusTable([], now)).toBe('no certificates yet: lanacme issue --domain NAME gets the first');
  });

  it.each([
    ['its last day', { notAfter: '2026-11-23T10:00:00Z' }, 'good for 1 more day, deployed'],
    ['its last hours', { notAfter: '2026-11-23T09:59:59Z' }, 'good for less than a day, deployed'],
    ['the instant of its end', { notAfter: '2026-11-22T10:00:00Z' }, 'EXPIRED'],
    ['a hook that is owed', { deployed: false }, 'good for 59 more days, NOT DEPLOYED'],
    ['an order that never was', missing, 'no certificate'],
    ['an order that failed', { ...missing, error }, 'NO CERTIFICATE'],
  ] as const)('sums up %s', (_what, row, summary) => {
    expect(summaryOf(row)).toBe(summary);
  });

  it('tells the last error with what to do, the profile, and leaves out what there is not', () => {
    const text = statusTable(
      [{ ...good, ...missing, profile: 'shortlived', error, renewReason: 'none yet' }],
      now,
    );
    expect(text.split('\n').slice(1)).toEqual([
      '  names    *.lan.example, lan.example',
      '  renewal  none yet',
      '  key      ec256, profile shortlived',
      '  error    the hook failed (hook.failed)',
      '  hint     look at it',
    ]);
  });

  it('spells out what others could do to the terminal', () => {
    const issuer = 'R13\x1b[2J\nEXPIRED';
    const text = statusTable([{ ...good, issuer, error: { ...error, message: 'no\u202e' } }], now);
    expect(text).toContain(String.raw`  issuer   R13\x1b[2J\nEXPIRED`);
    expect(text).toContain(String.raw`  error    no\u{202e} (hook.failed)`);
  });
});
