import type { JournalEntry } from '../core/journal.ts';
import type { ZoneWiring } from '../ports.ts';
import { type CleanUpResult, type CleanUpZone, cleanUpLeftovers } from './clean-up.ts';
import { whileLocked } from './while-locked.ts';

export type HostCleanUpPorts = Omit<ZoneWiring, 'close'>;

/**
 * `lanacme cleanup`: removes what earlier runs of this host left in the zone. With an empty journal nothing is asked of
 * anybody. A dry run only says what is there.
 */
export async function cleanUpHost(
  options: { readonly zone: CleanUpZone; readonly dryRun: boolean },
  ports: HostCleanUpPorts,
  signal: AbortSignal,
): Promise<CleanUpResult & { readonly found: readonly JournalEntry[] }> {
  const before = await ports.journal.entries();
  if (before.length === 0 || options.dryRun) return { found: before, removed: [], errors: [] };
  return await whileLocked(ports, signal, async () => {
    // Only now is every entry surely of a run that has ended.
    const found = await ports.journal.entries();
    if (found.length === 0) return { found, removed: [], errors: [] };
    const route53 = await ports.route53();
    return { found, ...(await cleanUpLeftovers(found, options.zone, { ...ports, route53 }, signal)) };
  });
}
