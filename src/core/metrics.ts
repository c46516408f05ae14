import type { CertificateRow } from './certificate-row.ts';
import type { ExitCode } from './exit-code.ts';
import type { IdentityRow } from './identity-life.ts';

/** How often a run has asked for an operation of another's service. */
export interface RequestCount {
  readonly service: 'acme' | 'route53';
  /** As RFC 8555 and Route 53 name it. */
  readonly operation: string;
  readonly requests: number;
}

/** What a run of `renew` tells of itself. */
export interface MetricsRun {
  /** Of lanacme. */
  readonly version: string;
  readonly endedAt: Date;
  readonly exitCode: ExitCode;
  readonly requests: readonly RequestCount[];
  /** The certificate that this host is known by at AWS, if it has one. */
  readonly identity: IdentityRow | null;
}

interface Metric {
  readonly name: string;
  /** One line, without a backslash. */
  readonly help: string;
  readonly samples: readonly Sample[];
}

interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * A run and all certificates in the text format of Prometheus (version 0.0.4), as node_exporter's textfile collector
 * reads it. All are gauges: each file replaces the one before. Instants are Unix times in seconds.
 */
export function metricsText(run: MetricsRun, rows: readonly CertificateRow[]): string {
  const metrics = [...runMetrics(run, rows.length), ...certificateMetrics.map((metric) => metric(rows))];
  return metrics
    .filter(({ samples }) => samples.length > 0)
    .flatMap(linesOf)
    .join('');
}

function runMetrics(run: MetricsRun, certificates: number): readonly Metric[] {
  const one = (value: number, labels: Sample['labels'] = {}): readonly Sample[] => [{ labels, value }];
  return [
    {
      name: 'lanacme_build_info',
      help: 'The version of lanacme that wrote this, as a label.',
      samples: one(1, { version: run.version }),
    },
    {
      name: 'lanacme_last_run_timestamp_seconds',
      help: 'When lanacme renew last came to its end.',
      samples: one(secondsOf(run.endedAt)),
    },
    {
      name: 'lanacme_last_run_exit_code',
      help: 'How it ended: 0 for success, 1 for a failure, 2 for a wrong configuration, 75 for a wait.',
      samples: one(run.exitCode),
    },
    {
      name: 'lanacme_last_run_requests',
      help: 'How often the last run asked the CA and Route 53, for each operation.',
      samples: run.requests.map(({ service, operation, requests }) => ({
        labels: { service, operation },
        value: requests,
      })),
    },
    {
      name: 'lanacme_certificates',
      help: 'How many certificates this host has, those included that are wanted and not there yet.',
      samples: one(certificates),
    },
    identityMetric(run.identity),
  ];
}

function identityMetric(identity: IdentityRow | null): Metric {
  const ends = instantOf(identity?.notAfter);
  return {
    name: 'lanacme_identity_expiry_timestamp_seconds',
    help: 'When the certificate ends that this host is known by at AWS.',
    samples:
      identity === null || ends === undefined ? [] : [{ labels: { source: identity.source }, value: ends }],
  };
}

const certificateMetrics = [
  metric('expiry_timestamp_seconds', 'When the certificate in place ends.', (row) => instantOf(row.notAfter)),
  metric('renewal_timestamp_seconds', 'When it is to be renewed.', (row) => instantOf(row.renewAt)),
  metric('installed_timestamp_seconds', 'When it was put in place: the last success.', (row) =>
    instantOf(row.installedAt),
  ),
  metric('last_attempt_timestamp_seconds', 'When one was last ordered.', (row) =>
    instantOf(row.lastAttempt?.at),
  ),
  metric('last_attempt_failed', 'Whether that failed.', (row) => flag(row.lastAttempt?.error)),
  metric('renewal_failures', 'How many renewals in a row have failed.', (row) => row.failures),
  metric('next_attempt_timestamp_seconds', 'When the next try may be made.', (row) =>
    instantOf(row.nextAttempt?.at),
  ),
  metric('deployment_pending', 'Whether a hook or a server is still without the newest version.', (row) =>
    Number(row.notAfter !== null && !row.deployed),
  ),
  metric(
    'hooks_failed',
    'How many deploy hooks have failed and are owed.',
    (row) => row.hooks.filter(({ wanted, done, error }) => wanted !== done && error !== null).length,
  ),
  metric('missing', 'Whether there is no certificate that could be used.', (row) =>
    Number(row.notAfter === null),
  ),
  metric('revoked', 'Whether the certificate in place was revoked from here.', (row) => flag(row.revoked)),
];

/** One value for each certificate of which it is known. */
function metric(
  name: string,
  help: string,
  valueOf: (row: CertificateRow) => number | undefined,
): (rows: readonly CertificateRow[]) => Metric {
  return (rows) => ({
    name: `lanacme_certificate_${name}`,
    help,
    samples: rows.flatMap((row) => {
      const value = valueOf(row);
      return value === undefined ? [] : [{ labels: { certificate: row.name }, value }];
    }),
  });
}

function flag(what: object | null | undefined): number {
  return Number(what !== null && what !== undefined);
}

function instantOf(rfc3339: string | null | undefined): number | undefined {
  return rfc3339 === null || rfc3339 === undefined ? undefined : secondsOf(new Date(rfc3339));
}

function secondsOf(instant: Date): number {
  return Math.floor(instant.getTime() / 1000);
}

function linesOf({ name, help, samples }: Metric): string {
  const values = samples.map(({ labels, value }) => `${name}${labelsOf(labels)} ${value}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${values.join('')}`;
}

function labelsOf(labels: Sample['labels']): string {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${escapeLabel(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

/** The format knows three escapes. */
function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
