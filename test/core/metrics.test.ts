import fc from 'fast-check';
import parsePrometheusTextFormat from 'parse-prometheus-text-format';
import { describe, expect, it } from 'vitest';
import type { CertificateRow } from '../../src/core/certificate-row.ts';
import { type MetricsRun, metricsText } from '../../src/core/metrics.ts';
import { parseCertificateName } from '../../src/core/names.ts';
import { goodRow, noCertificate } from '../support/certificate-row.ts';

const at = '2026-11-22T09:00:00Z';
const error = { code: 'acme.caa', message: 'the CA may not issue', hint: 'change the CAA record' };
const run: MetricsRun = {
  version: '1.2.3',
  endedAt: new Date('2026-11-22T10:00:00.999Z'),
  exitCode: 1,
  requests: [
    { service: 'acme', operation: 'newOrder', requests: 2 },
    { service: 'route53', operation: 'GetChange', requests: 3 },
  ],
  identity: null,
};
const seconds = (instant: string): string => String(Date.parse(instant) / 1000);

/** Each metric with its samples, as Prometheus would read them: labels, then the value. */
function parsed(rows: readonly CertificateRow[], its = run): ReadonlyMap<string, readonly unknown[]> {
  const families = parsePrometheusTextFormat(metricsText(its, rows));
  return new Map(families.map(({ name, metrics }) => [name, metrics.map(sampleOf)]));
}

function sampleOf({ labels, value }: { labels?: object; value: string }): readonly unknown[] {
  return [labels ?? {}, value];
}

describe('the metrics of a run', () => {
  it('are what a parser of the format reads', () => {
    const of = { certificate: 'lan.example' };
    const row = goodRow({
      failures: 2,
      lastAttempt: { at, error },
      nextAttempt: { at: '2026-11-22T11:00:00Z', reason: 'it failed twice' },
    });
    expect(Object.fromEntries(parsed([row]))).toEqual({
      lanacme_build_info: [[{ version: '1.2.3' }, '1']],
      lanacme_last_run_timestamp_seconds: [[{}, seconds('2026-11-22T10:00:00Z')]],
      lanacme_last_run_exit_code: [[{}, '1']],
      lanacme_last_run_requests: [
        [{ service: 'acme', operation: 'newOrder' }, '2'],
        [{ service: 'route53', operation: 'GetChange' }, '3'],
      ],
      lanacme_certificates: [[{}, '1']],
      lanacme_certificate_expiry_timestamp_seconds: [[of, seconds('2027-01-20T10:00:00Z')]],
      lanacme_certificate_renewal_timestamp_seconds: [[of, seconds('2026-12-21T10:00:00Z')]],
      lanacme_certificate_installed_timestamp_seconds: [[of, seconds('2026-10-22T11:00:00Z')]],
      lanacme_certificate_last_attempt_timestamp_seconds: [[of, seconds(at)]],
      lanacme_certificate_last_attempt_failed: [[of, '1']],
      lanacme_certificate_renewal_failures: [[of, '2']],
      lanacme_certificate_next_attempt_timestamp_seconds: [[of, seconds('2026-11-22T11:00:00Z')]],
      lanacme_certificate_deployment_pending: [[of, '0']],
      lanacme_certificate_hooks_failed: [[of, '0']],
      lanacme_certificate_missing: [[of, '0']],
      lanacme_certificate_revoked: [[of, '0']],
    });
  });

  it('tell when the certificate ends that the host is known by, if it can be read', () => {
    const identity = {
      source: 'iot',
      file: 'device.pem',
      serial: '0a',
      notBefore: at,
      notAfter: '2036-01-01T00:00:00Z',
      daysLeft: 3326,
      error: null,
    } as const;
    const name = 'lanacme_identity_expiry_timestamp_seconds';
    expect(parsed([], { ...run, identity }).get(name)).toEqual([
      [{ source: 'iot' }, seconds('2036-01-01T00:00:00Z')],
    ]);
    expect(parsed([], { ...run, identity: { ...identity, notAfter: null } }).has(name)).toBe(false);
    expect(parsed([]).has(name)).toBe(false);
  });

  it('are all gauges, each told what it is, and end with a line end', () => {
    const text = metricsText(run, [goodRow()]);
    expect(text.endsWith('\n')).toBe(true);
    for (const { help, type } of parsePrometheusTextFormat(text)) {
      expect(type).toBe('GAUGE');
      expect(help).toMatch(/^[A-Z].*\.$/);
    }
  });

  it.each<[string, Partial<CertificateRow>, string, string]>([
    ['a certificate that is missing', { notAfter: null }, 'missing', '1'],
    ['a deployment that is pending', { deployed: false }, 'deployment_pending', '1'],
    ['nothing to deploy yet', { ...noCertificate, deployed: false }, 'deployment_pending', '0'],
    ['a revocation', { revoked: { at, reason: 'superseded' } }, 'revoked', '1'],
    ['a success', {}, 'last_attempt_failed', '0'],
    [
      'hooks that failed',
      {
        hooks: [
          { command: 'a', wanted: '0002', done: '0002', error: null, nextAttempt: null },
          { command: 'b', wanted: '0002', done: null, error: null, nextAttempt: null },
          { command: 'c', wanted: '0002', done: '0001', error: { ...error, at }, nextAttempt: null },
        ],
      },
      'hooks_failed',
      '1',
    ],
  ])('tell of %s', (_what, changes, name, value) => {
    const samples = parsed([goodRow(changes)]).get(`lanacme_certificate_${name}`);
    expect(samples).toEqual([[{ certificate: 'lan.example' }, value]]);
  });

  it('have no sample where nothing is known, and one for each certificate where it is', () => {
    const other = goodRow({ ...noCertificate, name: parseCertificateName('a.b') });
    const metrics = parsed([goodRow(), other]);
    expect(metrics.get('lanacme_certificate_expiry_timestamp_seconds')).toHaveLength(1);
    expect(metrics.get('lanacme_certificate_missing')).toEqual([
      [{ certificate: 'lan.example' }, '0'],
      [{ certificate: 'a.b' }, '1'],
    ]);
    expect([...parsed([], { ...run, requests: [] }).keys()]).toEqual([
      'lanacme_build_info',
      'lanacme_last_run_timestamp_seconds',
      'lanacme_last_run_exit_code',
      'lanacme_certificates',
    ]);
  });

  it('keep a label in its quotes, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('\\', '"', '\n', 'n', '}', ' ', 'a', 'é') }),
        (version) => {
          const text = metricsText({ ...run, version }, []);
          const [first] = parsePrometheusTextFormat(text);
          expect(first?.metrics).toEqual([{ labels: { version }, value: '1' }]);
        },
      ),
    );
  });
});
