import { type MetricsRun, metricsText } from '../core/metrics.ts';
import { LanacmeError } from '../errors.ts';
import type { IdentityFile } from '../ports/identity.ts';
import type { MetricsFile } from '../ports/metrics.ts';
import { type ListPorts, listCertificates } from './list-certificates.ts';
import { lookAtIdentity } from './look-at-identity.ts';

export interface MetricsPorts extends ListPorts {
  readonly identity?: IdentityFile;
  readonly metrics: MetricsFile;
}

/**
 * Tells of a run that has come to its end, and of every certificate of this host and its identity as they are then. A file that cannot be
 * written is returned, not thrown: it changes nothing about the certificates.
 */
export async function writeMetrics(
  run: Omit<MetricsRun, 'endedAt' | 'identity'>,
  ports: MetricsPorts,
): Promise<readonly LanacmeError[]> {
  try {
    const { rows } = await listCertificates(undefined, ports);
    const endedAt = ports.clock.now();
    const identity = ports.identity === undefined ? null : await lookAtIdentity(ports.identity, endedAt);
    await ports.metrics.write(metricsText({ ...run, endedAt, identity }, rows));
    return [];
  } catch (error) {
    if (error instanceof LanacmeError) return [error];
    throw error;
  }
}
