import { expect, test } from 'vitest';
import { areSameTerms, termsOf } from '../../src/core/certificate-terms.ts';

test.each([
  [
    'what is given takes the place of what is stored',
    { keyGroup: 'web' },
    { keyGroup: 'tls' },
    { keyGroup: 'web' },
  ],
  ['what is not given stays', {}, { combined: true }, { combined: true }],
  ['false takes a term back', { combined: false }, { combined: true }, {}],
  ['an empty list is as good as none', { checks: [] }, { checks: ['localhost:443'] }, {}],
] as const)('%s', (_title, changed, stored, terms) => {
  expect(termsOf(changed, stored)).toEqual(terms);
});

test.each([
  ['none', {}, {}, true],
  ['in another order', { combined: true, keyGroup: 'a' }, { keyGroup: 'a', combined: true }, true],
  ['with another group', { keyGroup: 'a' }, { keyGroup: 'b' }, false],
  ['with one more', {}, { reuseKey: true }, false],
  ['with other checks', { checks: ['a:1', 'b:1'] }, { checks: ['a:1'] }, false],
] as const)('terms are compared: %s', (_title, one, other, expected) => {
  expect(areSameTerms(one, other)).toBe(expected);
});
