import { describe, expect, it } from 'vitest';
import { parseDomain } from '../../src/core/names.ts';
import { caaFindings } from '../../src/core/preflight-caa.ts';

const accountUrl = 'https://ca.example/acct/1';
const at = 'lan.example';
const findings = (domains: readonly string[], ...properties: readonly string[]) =>
  caaFindings(
    domains.map((domain) => ({
      domain: parseDomain(domain),
      at,
      records: properties.map((property) => {
        const [flags = '', tag = '', ...value] = property.split(' ');
        return { flags: Number(flags), tag, value: value.join(' ') };
      }),
    })),
    ['ca.example', 'ca.test'],
    accountUrl,
  );

describe('CAA records that forbid the order', () => {
  it.each([
    ['0 issue ;', 'it allows nobody', 'add lan.example CAA 0 issue "ca.example"'],
    ['0 issue a.test', 'it allows only a.test', 'add lan.example CAA 0 issue "ca.example"'],
    [
      '0 issue ca.test; accounturi=https://ca.example/acct/2',
      'it names the account https://ca.example/acct/2',
      'add lan.example CAA 0 issue "ca.example; accounturi=https://ca.example/acct/1", which is the account of this host',
    ],
    [
      '0 issue ca.example; validationmethods=http-01',
      'it allows only validation by http-01',
      'add lan.example CAA 0 issue "ca.example; validationmethods=dns-01"',
    ],
    [
      '128 new x',
      'its property new is critical, and CAs do not know it',
      'take the critical flag (128) from that record',
    ],
  ])('%s', (property, why, hint) => {
    expect(findings(['a.lan.example'], property)).toEqual([
      {
        weight: 'stops',
        code: 'dns.caa-forbids',
        message: `the CAA records at lan.example forbid ca.example to issue for a.lan.example: ${why}`,
        hint,
      },
    ]);
  });

  it('are told once for all names alike, wildcards apart', () => {
    const found = findings(['a.lan.example', '*.lan.example', 'b.lan.example'], '0 issue ;');
    expect(found.map(({ message, hint }) => [message, hint])).toEqual([
      [
        'the CAA records at lan.example forbid ca.example to issue for a.lan.example and 1 more: it allows nobody',
        'add lan.example CAA 0 issue "ca.example"',
      ],
      [
        'the CAA records at lan.example forbid ca.example to issue for *.lan.example: it allows nobody',
        'add lan.example CAA 0 issuewild "ca.example"',
      ],
    ]);
  });

  it('are no finding if they allow it, or if the CA does not say who it is', () => {
    expect(findings(['a.lan.example'], '0 issue ca.test')).toEqual([]);
    const records = [{ flags: 0, tag: 'issue', value: ';' }];
    expect(caaFindings([{ domain: parseDomain('a.lan.example'), at, records }], [], accountUrl)).toEqual([]);
  });
});
