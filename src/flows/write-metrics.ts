import { type MetricsRun, metricsText } from '../core/metrics.ts';
import { LanacmeError } from '../errors.ts';
import type { MetricsFile } from '../ports.ts';
import { type ListPorts, listCertificates } from './list-certificates.ts';

export interface MetricsPorts extends ListPorts {
  readonly metrics: MetricsFile;
}

/**
 * Tells of a run that has come to its end, and of every certificate of this host as it is then. A file that cannot be
 * written is returned, not thrown: it changes nothing about the certificates.
 */
export async function writeMetrics(
  run: Omit<MetricsRun, 'endedAt'>,
  ports: MetricsPorts,
): Promise<readonly LanacmeError[]> {
  try {
    const { rows } = await listCertificates(undefined, ports);
    await ports.metrics.write(metricsText({ ...run, endedAt: ports.clock.now() }, rows));
    return [];
  } catch (error) {
    if (error instanceof LanacmeError) return [error];
    throw error;
  }
}
