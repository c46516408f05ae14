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
const at = new Date('2026-11-22T12:00:00Z');
const attempt = { at, error, reachedCa: false, chance: 0 };
const lastAttempt = {
  at: '2026-11-22T12:00:00Z',
  error: { code: 'acme.caa', message: 'the CA may not issue', hint: 'change the CAA record' },
};

describe('a failed attempt', () => {
  it('is all that is known when there is no certificate yet', () => {
    expect(recordFailure(undefined, { name, spec, deployHooks: ['reload'], ...attempt })).toEqual({
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
    const failed = { name, spec: { ...spec, keyType: 'rsa2048' as const }, deployHooks: [], ...attempt };
    expect(recordFailure(before, failed)).toEqual({ ...before, lastAttempt });
  });

  it('makes the next one wait once the CA was asked', () => {
    const failed = { name, spec, deployHooks: [], ...attempt, reachedCa: true };
    const first = recordFailure(undefined, failed);
    expect(first.backoff).toEqual({ failures: 1, until: '2026-11-22T12:01:00Z' });
    expect(recordFailure(first, failed).backoff).toEqual({ failures: 2, until: '2026-11-22T12:10:00Z' });
  });

  it('keeps the word of the CA, and no other', () => {
    const facts = { hint: 'wait', outcome: 'wait', retryAt: new Date('2026-11-23T00:00:00Z') } as const;
    const limited = new LanacmeError('acme.rate-limited', 'too many', facts);
    const failed = { name, spec, deployHooks: [], ...attempt, reachedCa: true };
    expect(recordFailure(undefined, { ...failed, error: limited })).toMatchObject({
      wait: { until: '2026-11-23T00:00:00Z', spec, error: { message: 'too many' } },
      backoff: { failures: 1, until: '2026-11-23T00:00:00Z' },
    });
    const throttled = new LanacmeError('route53.throttled', 'slower', facts);
    expect(recordFailure(undefined, { ...failed, error: throttled }).wait).toBeUndefined();
  });
});
