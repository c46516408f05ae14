import { expect, it } from 'vitest';
import { changedInstallTerms, installTermsOf } from '../../src/core/install-terms.ts';

it('what is installed follows from some of the terms', () => {
  expect(installTermsOf({ combined: true, keyGroup: 'ssl-cert', reuseKey: true, checks: ['a:443'] })).toEqual(
    {
      combined: true,
      keyGroup: 'ssl-cert',
    },
  );
  expect(installTermsOf({})).toEqual({});
});

it('terms that differ are named as options', () => {
  expect(changedInstallTerms({}, {})).toEqual([]);
  expect(changedInstallTerms({ combined: true }, { combined: true, owner: 'postgres' })).toEqual(['--owner']);
  expect(
    changedInstallTerms({ keyGroup: 'a', pkcs12PasswordFile: '/p' }, { keyGroup: 'b', combined: true }),
  ).toEqual(['--key-group', '--combined', '--pkcs12-password-file']);
});
