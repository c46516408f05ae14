import type { JournalEntry, JournalRecord } from '../core/journal.ts';
import type { CertificateName } from '../core/names.ts';
import { asLanacmeErrors, type LanacmeError, SeveralErrors } from '../errors.ts';
import type { JournalStore, Random } from '../ports.ts';
import { removeChallenges } from './clean-up.ts';
import { type ServedPorts, waitUntilServed } from './wait-until-served.ts';
import type { AcceptedPart } from './zone-order.ts';
import type { ZoneWriter } from './zone-writer.ts';

export interface PublishPorts extends ServedPorts {
  /** Shared by all orders of the run in this zone. */
  readonly writer: ZoneWriter;
  readonly journal: JournalStore;
  readonly random: Random;
}

export interface Publication {
  readonly certificate: CertificateName;
  readonly records: readonly JournalRecord[];
  /** Longest wait for INSYNC, in milliseconds (`--dns-timeout`). */
  readonly dnsTimeoutMs: number;
}

export interface Published<T> {
  readonly value: T;
  /**
   * The removal, which has begun: with what kept our values in the zone although `body` succeeded; the journal
   * remembers them. To be awaited before the run ends. It never rejects.
   */
  readonly leftBehind: Promise<readonly LanacmeError[]>;
}

/** How long the look at the name servers may take once INSYNC is known. */
const servedTimeoutMs = 60_000;

/**
 * Runs `body` while the records are published, and takes them out in every outcome: success, failure, signal. The
 * journal has them on disk before the first is sent, so that a run that is killed leaves a note for the next.
 *
 * @throws what `body` or publishing threw, together with what clean-up threw, once that has ended.
 */
export async function whilePublished<T>(
  publication: Publication,
  ports: PublishPorts,
  signal: AbortSignal,
  body: () => Promise<T>,
): Promise<Published<T>> {
  const entry = newEntry(publication, ports);
  await ports.journal.save(entry);
  const remove = async (): Promise<readonly LanacmeError[]> =>
    await removeQuietly(entry, publication, ports, signal);
  try {
    await publish(entry, publication, ports, signal);
    const value = await body();
    return { value, leftBehind: remove() };
  } catch (error) {
    const leftBehind = await remove();
    if (leftBehind.length === 0) throw error;
    throw new SeveralErrors([...asLanacmeErrors(error), ...leftBehind]);
  }
}

function newEntry(publication: Publication, { writer, clock, random }: PublishPorts): JournalEntry {
  return {
    format: 1,
    id: random.hex(8),
    certificate: publication.certificate,
    zone: writer.zone.zone,
    zoneId: writer.zone.zoneId,
    createdAt: clock.now().toISOString(),
    records: publication.records,
    changeIds: [],
  };
}

async function publish(
  entry: JournalEntry,
  { records, dnsTimeoutMs }: Publication,
  ports: PublishPorts,
  signal: AbortSignal,
): Promise<void> {
  const { writer, journal, log } = ports;
  const { zone } = writer.zone;
  let changeIds: readonly string[] = [];
  const accepted = async (part: AcceptedPart): Promise<void> => {
    log.info(`published ${countOf(part.records, 'challenge')} in zone ${zone}`, { change: part.changeId });
    if (part.changeId === undefined) return;
    changeIds = [...changeIds, part.changeId];
    await journal.save({ ...entry, changeIds });
  };
  const inSync = await writer.publish(entry, { timeoutMs: dnsTimeoutMs, accepted }, signal);
  if (inSync === 'in-sync') log.info('the change is INSYNC');
  const insist = inSync === 'unknown';
  const timeoutMs = insist ? dnsTimeoutMs : servedTimeoutMs;
  await waitUntilServed(records, zone, { insist, timeoutMs }, ports, signal);
}

async function removeQuietly(
  entry: JournalEntry,
  { dnsTimeoutMs }: Publication,
  ports: PublishPorts,
  signal: AbortSignal,
): Promise<readonly LanacmeError[]> {
  try {
    // A night of many hosts is slow, and the values are in nobody's way.
    await removeChallenges(entry, { timeoutMs: dnsTimeoutMs, hurry: signal }, ports);
    return [];
  } catch (error) {
    return asLanacmeErrors(error);
  }
}

function countOf(things: readonly unknown[], noun: string): string {
  return `${things.length} ${noun}${things.length === 1 ? '' : 's'}`;
}
