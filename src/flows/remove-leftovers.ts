import { asLanacmeErrors, type LanacmeError } from '../errors.ts';
import { cleanUpLeftovers, leftoverMs } from './clean-up.ts';
import type { ZoneWanted } from './find-zone.ts';
import type { IssuePorts } from './issue-request.ts';

/**
 * Takes out of the zone what earlier runs left there. The lock is held, so whatever the journal says is of a run that
 * has ended. What cannot be removed does not keep a certificate from being issued: the values of its order are others.
 */
export async function removeLeftovers(
  zone: ZoneWanted,
  ports: IssuePorts,
  signal: AbortSignal,
): Promise<readonly LanacmeError[]> {
  try {
    const entries = await ports.journal.entries();
    if (entries.length === 0) return [];
    ports.log.info('an earlier run was interrupted: removing the challenges that it left');
    const zonePorts = { ...ports, route53: await ports.route53() };
    return (await cleanUpLeftovers(entries, zone, zonePorts, leftoverMs, signal)).errors;
  } catch (error) {
    signal.throwIfAborted();
    return asLanacmeErrors(error);
  }
}
