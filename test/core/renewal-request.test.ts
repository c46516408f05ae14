import { expect, test } from 'vitest';
import type { CertificateSpec } from '../../src/core/certificate-record.ts';
import type { Domain } from '../../src/core/names.ts';
import { renewalRequest } from '../../src/core/renewal-request.ts';

const domains = ['lan.example'] as readonly string[] as readonly Domain[];
const spec: CertificateSpec = {
  domains,
  server: 'https://ca.example/dir',
  keyType: 'rsa2048',
  profile: 'short',
};
const terms = { reuseKey: true, keyGroup: 'web' } as const;

test('a certificate is renewed as issue was told', () => {
  expect(renewalRequest({ spec, terms }, { spec: {}, terms: {} })).toEqual({ spec, terms });
});

test('what is given now beats what was stored, its names excepted', () => {
  const changes = { spec: { keyType: 'ec384' }, terms: { reuseKey: false, combined: true } } as const;
  expect(renewalRequest({ spec, terms }, changes)).toEqual({
    spec: { ...spec, keyType: 'ec384' },
    terms: { keyGroup: 'web', combined: true },
  });
});
