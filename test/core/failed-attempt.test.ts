import { describe, expect, it } from 'vitest';
import type { CertificateRecord, CertificateSpec } from '../../src/core/certificate-record.ts';
import { recordFailure } from '../../src/core/failed-attempt.ts';
import { parseCertificateName, parseDomain } from '../../src/core/names.ts';
import { LanacmeError } from '../../src/errors.ts';

const name = parseCertificateName('lan.example');
const spec: CertificateSpec = {
  domains: [parseDomain('lan.example')],
  server: 'https://ca.example/dir',
  keyType: 'ec256',
};
const error = new LanacmeError('acme.caa', 'the CA may not issue', {
  hint: 'change the CAA record',
  cause: 'x',
});
const at = '2026-11-22T12:00:00Z';
const lastAttempt = {
  at,
  error: { code: 'acme.caa', message: 'the CA may not issue', hint: 'change the CAA record' },
};

describe('a failed attempt', () => {
  it('is all that is known when there is no certificate yet', () => {
    expect(recordFailure(undefined, { name, spec, deployHooks: ['reload'], error, at })).toEqual({
      format: 1,
      name,
      spec,
      deployHooks: ['reload'],
      hooks: [],
      lastAttempt,
    });
  });

  it('leaves what is in place as the thing that is wanted', () => {
    const before: CertificateRecord = {
      format: 1,
      name,
      spec,
      deployHooks: ['reload'],
      hooks: [{ command: 'reload', wanted: '0003', done: '0003' }],
      installed: { version: '0003', at: '2026-10-01T00:00:00Z', spec },
    };
    const failed = { name, spec: { ...spec, keyType: 'rsa2048' as const }, deployHooks: [], error, at };
    expect(recordFailure(before, failed)).toEqual({ ...before, lastAttempt });
  });
});
