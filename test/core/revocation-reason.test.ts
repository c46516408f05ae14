import { expect, test } from 'vitest';
import { revocationCode, revocationReasons } from '../../src/core/revocation-reason.ts';

test('each reason has the code of RFC 5280 §5.3.1', () => {
  expect(Object.fromEntries(revocationReasons.map((reason) => [reason, revocationCode(reason)]))).toEqual({
    unspecified: 0,
    keyCompromise: 1,
    affiliationChanged: 3,
    superseded: 4,
    cessationOfOperation: 5,
  });
});
