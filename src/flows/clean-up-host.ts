import type { JournalEntry } from '../core/journal.ts';
import type { ZoneWiring } from '../ports.ts';
import { type CleanUpResult, type CleanUpZone, cleanUpLeftovers } from './clean-up.ts';
import { whileLocked } from './while-locked.ts';

export interface HostCleanUp {
  readonly zone: CleanUpZone;
  readonly dryRun: boolean;
  /** Longest race with other writers, in milliseconds (`--dns-timeout`): whoever asks for this waits for it. */
  readonly timeoutMs: number;
}

export type HostCleanUpPorts = Omit<ZoneWiring, 'close'>;

/**
 * `lanacme cleanup`: removes what earlier runs of this host left in the zone. With an empty journal nothing is asked of
 * anybody. A dry run only says what is there.
 */
export async function cleanUpHost(
  { zone, dryRun, timeoutMs }: HostCleanUp,
  ports: HostCleanUpPorts,
  signal: AbortSignal,
): Promise<CleanUpResult & { readonly found: readonly JournalEntry[] }> {
  const before = await ports.journal.entries();
  if (before.length === 0 || dryRun) return { found: before, removed: [], errors: [] };
  return await whileLocked(ports, signal, async () => {
    // Only now is every entry surely of a run that has ended.
    const found = await ports.journal.entries();
    if (found.length === 0) return { found, removed: [], errors: [] };
    const route53 = await ports.route53();
    return { found, ...(await cleanUpLeftovers(found, zone, { ...ports, route53 }, timeoutMs, signal)) };
  });
}
