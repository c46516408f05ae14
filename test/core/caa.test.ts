import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CaaRecord, caaObstacle } from '../../src/core/caa.ts';

const accountUrl = 'https://acme-v02.api.letsencrypt.org/acme/acct/123';
const ours = { identities: ['letsencrypt.org', 'le.example'], isWildcard: false, accountUrl };

/** `issue le.example`, or with flags `128 issue le.example`. */
function record(text: string): CaaRecord {
  const [, flags = '0', tag = '', value = ''] = /^(?:(\d+) )?(\w+) ?(.*)$/.exec(text) ?? [];
  return { flags: Number(flags), tag, value };
}
const judge = (records: readonly string[], isWildcard = false) =>
  caaObstacle(records.map(record), { ...ours, isWildcard });

const others = (...issuers: string[]) => ({ kind: 'other-issuers', issuers });

describe('a CA may issue', () => {
  it.each<readonly string[][]>([
    [['issue letsencrypt.org']],
    [['issue LetsEncrypt.ORG']],
    [['ISSUE letsencrypt.org']],
    [['issue le.example']],
    [['issue ca.example', 'issue letsencrypt.org']],
    [['issue \t letsencrypt.org ; ']],
    [['issue letsencrypt.org; unknown=anything']],
    [[`issue letsencrypt.org; accounturi=${accountUrl}`]],
    [['issue letsencrypt.org; validationmethods=http-01,dns-01']],
    [[`issue letsencrypt.org;AccountURI = ${accountUrl} ;validationmethods=dns-01`]],
    [['issue letsencrypt.org; accounturi=https://acme-v01.api.letsencrypt.org/acme/reg/123']],
    [['issue letsencrypt.org; accounturi=x', 'issue letsencrypt.org']],
    [['iodef mailto:a@b.example']],
    [['128 iodef mailto:a@b.example', '128 issue letsencrypt.org']],
    [['128 issuewild letsencrypt.org']],
    [['0 unknowntag x']],
    // The lowest bit is not the critical one, whatever people write.
    [['1 unknowntag x']],
  ])('with %j', (records) => {
    expect(judge(records)).toBeUndefined();
  });

  it.each<readonly [readonly string[]]>([
    [['issuewild letsencrypt.org', 'issue ;']],
    [['issue letsencrypt.org']],
    [['iodef x']],
  ])('a wildcard with %j', (records) => {
    expect(judge(records, true)).toBeUndefined();
  });
});

describe('a CA may not issue', () => {
  it.each<readonly [readonly string[], unknown]>([
    [['issue ;'], others()],
    [['issue '], others()],
    [
      ['issue ca.example', 'issue ca.example; x=y', 'issue other.example'],
      others('ca.example', 'other.example'),
    ],
    [['issue sub.letsencrypt.org'], others('sub.letsencrypt.org')],
    // What cannot be read allows nobody (RFC 8659 §4.2).
    [['issue letsencrypt.org; accounturi'], others()],
    [['issue letsencrypt.org; a=b;'], others()],
    [['issue letsencrypt.org ca.example'], others()],
    [['issue letsencrypt.org; a=b c'], others()],
    [['issue %%%%%'], others()],
    [
      ['issue letsencrypt.org; accounturi=https://acme-v02.api.letsencrypt.org/acme/acct/1234'],
      { kind: 'other-account', accounts: ['https://acme-v02.api.letsencrypt.org/acme/acct/1234'] },
    ],
    [
      ['issue letsencrypt.org; accounturi=https://evil.example/acme/acct/123'],
      { kind: 'other-account', accounts: ['https://evil.example/acme/acct/123'] },
    ],
    [
      [`issue letsencrypt.org; accounturi=${accountUrl}; accounturi=other:`],
      { kind: 'other-account', accounts: [accountUrl, 'other:'] },
    ],
    [
      ['issue letsencrypt.org; validationmethods=http-01,dns-015'],
      { kind: 'other-methods', methods: 'http-01,dns-015' },
    ],
    [['128 tbs x', 'issue letsencrypt.org'], { kind: 'unknown-critical', tag: 'tbs' }],
  ])('with %j', (records, obstacle) => {
    expect(judge(records)).toEqual(obstacle);
  });

  it.each<readonly [readonly string[], unknown]>([
    [['issue letsencrypt.org', 'issuewild ;'], others()],
    [['issue letsencrypt.org', 'issuewild ca.example'], others('ca.example')],
    [['issue ;'], others()],
  ])('a wildcard with %j', (records, obstacle) => {
    expect(judge(records, true)).toEqual(obstacle);
  });

  it('and what strangers wrote is made harmless', () => {
    const records = [{ flags: 0, tag: 'issue', value: 'letsencrypt.org; validationmethods=a~b' }];
    expect(caaObstacle(records, ours)).toEqual({ kind: 'other-methods', methods: 'a~b' });
    const tag = { flags: 128, tag: '\u001b[2J', value: '' };
    expect(caaObstacle([tag], ours)).toEqual({ kind: 'unknown-critical', tag: '\\x1b[2J' });
  });
});

describe('whatever the records say', () => {
  const text = fc.string({ unit: 'binary', maxLength: 80 });
  const anyRecord = fc.record({
    flags: fc.nat(255),
    tag: fc.oneof(text, fc.constantFrom('issue', 'issuewild')),
    value: text,
  });

  it('a verdict comes, and one more record for another CA never opens what was closed', () => {
    fc.assert(
      fc.property(fc.array(anyRecord), fc.boolean(), (records, isWildcard) => {
        const before = caaObstacle(records, { ...ours, isWildcard });
        const more = [...records, record(`${isWildcard ? 'issuewild' : 'issue'} ca.example`)];
        const after = caaObstacle(more, { ...ours, isWildcard });
        if (before !== undefined) expect(after).toBeDefined();
      }),
    );
  });
});
