import type { JournalEntry, JournalRecord } from '../core/journal.ts';
import type { CertificateName } from '../core/names.ts';
import type { KnownSets } from '../core/zone-change.ts';
import { asLanacmeErrors, LanacmeError, SeveralErrors } from '../errors.ts';
import type { JournalStore } from '../ports.ts';
import { changeZone, type TargetZone, type ZonePorts } from './change-zone.ts';
import { removeChallenges } from './clean-up.ts';
import { waitInSync } from './wait-in-sync.ts';
import { waitUntilServed } from './wait-until-served.ts';

export interface PublishPorts extends ZonePorts {
  readonly journal: JournalStore;
}

export interface Publication {
  readonly certificate: CertificateName;
  readonly zone: TargetZone;
  readonly records: readonly JournalRecord[];
  /** Longest wait for INSYNC, in milliseconds (`--dns-timeout`). */
  readonly dnsTimeoutMs: number;
}

export interface Published<T> {
  readonly value: T;
  /** What kept our values in the zone although `body` succeeded; the journal remembers them. */
  readonly leftBehind: readonly LanacmeError[];
}

/** How long the look at the name servers may take once INSYNC is known. */
const servedTimeoutMs = 60_000;

/**
 * Runs `body` while the records are published, and takes them out in every outcome: success, failure, signal. The
 * journal has them on disk before the first is sent, so that a run that is killed leaves a note for the next.
 *
 * @throws what `body` or publishing threw, together with what clean-up threw.
 */
export async function whilePublished<T>(
  publication: Publication,
  ports: PublishPorts,
  signal: AbortSignal,
  body: () => Promise<T>,
): Promise<Published<T>> {
  const entry = newEntry(publication, ports);
  await ports.journal.save(entry);
  const state: { known: KnownSets } = { known: new Map() };
  try {
    await publish(entry, publication, state, ports, signal);
    const value = await body();
    return { value, leftBehind: await removeQuietly(entry, publication, state.known, ports) };
  } catch (error) {
    const leftBehind = isSurelyUnsent(error, state.known)
      ? await forget(entry, ports)
      : await removeQuietly(entry, publication, state.known, ports);
    if (leftBehind.length === 0) throw error;
    throw new SeveralErrors([...asLanacmeErrors(error), ...leftBehind]);
  }
}

function newEntry(publication: Publication, ports: PublishPorts): JournalEntry {
  return {
    format: 1,
    id: ports.random.hex(8),
    certificate: publication.certificate,
    zone: publication.zone.zone,
    zoneId: publication.zone.zoneId,
    createdAt: ports.clock.now().toISOString(),
    records: publication.records,
    changeIds: [],
  };
}

async function publish(
  entry: JournalEntry,
  { zone, records, dnsTimeoutMs, certificate }: Publication,
  state: { known: KnownSets },
  ports: PublishPorts,
  signal: AbortSignal,
): Promise<void> {
  const sent = await changeZone(
    {
      goal: 'present',
      records,
      known: new Map(),
      comment: `lanacme ${certificate}`,
      timeoutMs: dnsTimeoutMs,
    },
    zone,
    ports,
    signal,
  );
  state.known = sent.known;
  ports.log.info(`published ${countOf(records, 'challenge')} in zone ${zone.zone}`, {
    change: sent.changeId,
  });
  if (sent.changeId === undefined) return;
  await ports.journal.save({ ...entry, changeIds: [sent.changeId] });
  const inSync = sent.inSync ? 'in-sync' : await waitInSync(sent.changeId, dnsTimeoutMs, ports, signal);
  if (inSync === 'in-sync') ports.log.info('the change is INSYNC');
  const insist = inSync === 'unknown';
  await waitUntilServed(
    records,
    zone.zone,
    { insist, timeoutMs: insist ? dnsTimeoutMs : servedTimeoutMs },
    ports,
    signal,
  );
}

async function removeQuietly(
  entry: JournalEntry,
  publication: Publication,
  known: KnownSets,
  ports: PublishPorts,
): Promise<readonly LanacmeError[]> {
  try {
    await removeChallenges(entry, publication.zone, known, ports);
    return [];
  } catch (error) {
    return asLanacmeErrors(error);
  }
}

/** Nothing was sent, so there is nothing to remove but the note of it. */
async function forget(entry: JournalEntry, ports: PublishPorts): Promise<readonly LanacmeError[]> {
  try {
    await ports.journal.remove(entry.id);
    return [];
  } catch (error) {
    return asLanacmeErrors(error);
  }
}

/** A refusal of the very first batch: nothing of ours can be in the zone, and asking to remove it would be refused too. */
function isSurelyUnsent(error: unknown, known: KnownSets): boolean {
  return known.size === 0 && error instanceof LanacmeError && refusedOutright.has(error.code);
}

const refusedOutright: ReadonlySet<string> = new Set([
  'guard.refused',
  'route53.access-denied',
  'route53.batch-refused',
  'route53.clock-skew',
  'route53.cname-in-the-way',
  'route53.refused',
  'route53.server-untrusted',
  'route53.zone-not-found',
]);

function countOf(things: readonly unknown[], noun: string): string {
  return `${things.length} ${noun}${things.length === 1 ? '' : 's'}`;
}
