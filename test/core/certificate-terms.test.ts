import { expect, test } from 'vitest';
import { termsOf } from '../../src/core/certificate-terms.ts';

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
