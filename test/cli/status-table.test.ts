import { describe, expect, it } from 'vitest';
import { statusTable } from '../../src/cli/status-table.ts';
import type { CertificateRow } from '../../src/core/certificate-row.ts';
import { parseCertificateName } from '../../src/core/names.ts';
import { goodRow, noCertificate } from '../support/certificate-row.ts';

const now = new Date('2026-11-22T10:00:00Z');
const soon = '2026-11-22T10:30:00Z';
const at = '2026-11-22T09:00:00Z';
const error = { code: 'hook.failed', message: 'the hook failed', hint: 'look at it' };
const lines = (changes: Partial<CertificateRow>): readonly string[] =>
  statusTable([goodRow(changes)], now).split('\n');
/** The first line, without the name. */
const summaryOf = (changes: Partial<CertificateRow>): string =>
  lines(changes)[0]?.replace(/^lan\.example {2}/, '') ?? '';

describe('the table of status', () => {
  it('has a block for a certificate: what matters first, nothing cut off', () => {
    expect(lines({})).toEqual([
      'lan.example  good for 59 more days, deployed',
      '  names     *.lan.example, lan.example',
      '  expires   2027-01-20T10:00:00Z',
      '  renewal   2026-12-21T10:00:00Z: a third of its lifetime is left then',
      '  limits    exempt: it replaces a certificate within the window',
      '  last try  2026-10-22T11:00:00Z: succeeded',
      '  issuer    R13',
      '  serial    0a1b',
      '  key       ec256',
      '  version   0002',
      '  path      /var/lib/lanacme/live/lan.example',
    ]);
  });

  it('has the summaries of several below each other, and ends with the names of those to look at', () => {
    const short = goodRow({ ...noCertificate, deployed: false, name: parseCertificateName('a.b') });
    const several = statusTable([short, goodRow()], now).split('\n');
    expect(several[0]).toBe('a.b          no certificate');
    expect(several).toContain('lan.example  good for 59 more days, deployed');
    expect(several.slice(-2)).toEqual(['', 'to look at: a.b (1 of 2)']);
  });

  it('says of several that nothing is wrong, in one line at the end', () => {
    const other = goodRow({ name: parseCertificateName('a.b') });
    expect(statusTable([other, goodRow()], now)).toMatch(/\n\nnothing is wrong with these 2 certificates$/);
  });

  it('says how to get the first if there is none', () => {
    expect(statusTable([], now)).toBe('no certificates yet: lanacme issue --domain NAME gets the first');
  });

  it.each<[string, Partial<CertificateRow>, string]>([
    ['its last day', { notAfter: '2026-11-23T10:00:00Z' }, 'good for 1 more day, deployed'],
    ['its last hours', { notAfter: '2026-11-23T09:59:59Z' }, 'good for less than a day, deployed'],
    ['the instant of its end', { notAfter: '2026-11-22T10:00:00Z' }, 'EXPIRED'],
    ['a revocation', { revoked: { at, reason: 'superseded' } }, 'REVOKED'],
    ['a hook that is owed', { deployed: false }, 'good for 59 more days, NOT DEPLOYED'],
    [
      'a renewal that failed',
      { lastAttempt: { at, error }, error },
      'good for 59 more days, deployed, RENEWAL FAILED',
    ],
    ['an order that never was', noCertificate, 'no certificate'],
    ['an order that failed', { ...noCertificate, error }, 'NO CERTIFICATE'],
    [
      'a record that is broken',
      { ...noCertificate, error: { ...error, code: 'state.broken' } },
      'CANNOT BE READ',
    ],
  ])('sums up %s', (_what, changes, summary) => {
    expect(summaryOf(changes)).toBe(summary);
  });

  it.each<[string, Partial<CertificateRow>, string]>([
    ['expired', { notAfter: '2026-11-22T10:00:00Z' }, 'lan.example'],
    ['is revoked', { revoked: { at, reason: 'superseded' } }, 'lan.example'],
    ['is not deployed', { deployed: false }, 'lan.example'],
    ['failed at something', { error }, 'lan.example'],
  ])('counts one that %s among those to look at', (_what, changes, name) => {
    const other = goodRow({ name: parseCertificateName('a.b') });
    expect(statusTable([other, goodRow(changes)], now)).toContain(`to look at: ${name} (1 of 2)`);
  });

  it('tells the last error with what to do, the profile, and leaves out what there is not', () => {
    const changes = { ...noCertificate, profile: 'shortlived', error, renewReason: 'none yet' };
    expect(lines(changes).slice(1)).toEqual([
      '  error     the hook failed (hook.failed)',
      '  hint      look at it',
      '  names     *.lan.example, lan.example',
      '  renewal   none yet',
      '  key       ec256, profile shortlived',
    ]);
  });

  it('tells from when on it is tried again, if that is not when it is due', () => {
    const nextAttempt = { at: soon, reason: 'it failed 3 times in a row' };
    expect(lines({ lastAttempt: { at, error }, nextAttempt })).toEqual(
      expect.arrayContaining([
        `  last try  ${at}: failed`,
        `  next try  not before ${soon}: it failed 3 times in a row`,
      ]),
    );
    expect(lines({ nextAttempt: { at, reason: 'it failed once' } }).join('\n')).not.toContain('next try');
  });

  it('tells why a renewal will count against the limits of the CA', () => {
    const exemptReason = 'the CA has suggested no window yet';
    expect(lines({ exempt: false, exemptReason })).toContain(`  limits    not exempt: ${exemptReason}`);
  });

  it('tells how far each hook is', () => {
    const hook = { command: 'reload', wanted: '0002', done: null, error: null, nextAttempt: null };
    const failed = { ...hook, error: { ...error, at } };
    expect(
      lines({
        hooks: [
          { ...hook, done: '0002' },
          { ...hook, done: '0001' },
          failed,
          { ...failed, nextAttempt: soon },
          { ...failed, nextAttempt: at },
        ],
      }).filter((line) => line.includes('hook')),
    ).toEqual([
      '  hook      reload: done with version 0002',
      '  hook      reload: OWED version 0002',
      `  hook      reload: OWED version 0002, tried again by the next run: failed on ${at}: the hook failed`,
      `  hook      reload: OWED version 0002, tried again from ${soon} on: failed on ${at}: the hook failed`,
      `  hook      reload: OWED version 0002, tried again by the next run: failed on ${at}: the hook failed`,
    ]);
  });

  it('tells what is served, and which versions are not used', () => {
    const served = { target: 'nas.lan:443', at, version: '0002' };
    expect(
      lines({
        served: [
          { ...served, problem: null },
          { ...served, problem: 'serves another certificate' },
        ],
        setAside: { version: '0004', error: { ...error, at }, nextAttempt: soon },
        held: ['0003'],
        revoked: { at, reason: 'superseded' },
      }),
    ).toEqual(
      expect.arrayContaining([
        `  served    nas.lan:443: version 0002, seen on ${at}`,
        `  served    nas.lan:443: NOT version 0002 on ${at}: serves another certificate`,
        `  set aside version 0004, tried again from ${soon} on: the hook failed`,
        '  held      0003: not put in place again',
        `  revoked   ${at}: superseded`,
      ]),
    );
  });

  it('spells out what others could do to the terminal', () => {
    const issuer = 'R13\x1b[2J\nEXPIRED';
    const text = lines({ issuer, error: { ...error, message: 'no\u202e' } });
    expect(text).toContain(String.raw`  issuer    R13\x1b[2J\nEXPIRED`);
    expect(text).toContain(String.raw`  error     no\u{202e} (hook.failed)`);
  });
});
