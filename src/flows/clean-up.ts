import type { JournalEntry } from '../core/journal.ts';
import type { DnsName } from '../core/names.ts';
import { journalPath } from '../core/version-layout.ts';
import { type KnownSets, recordNames } from '../core/zone-change.ts';
import { asLanacmeErrors, LanacmeError, SeveralErrors } from '../errors.ts';
import type { JournalStore } from '../ports.ts';
import { changeZone, type TargetZone, type ZonePorts } from './change-zone.ts';

export interface CleanUpPorts extends ZonePorts {
  readonly journal: JournalStore;
}

/** Clean-up outlives an abort, but not for long: systemd and a person at Ctrl-C both wait for it. */
const cleanUpDeadlineMs = 15_000;
/** Sooner, so that a race that is lost is told as one. */
const raceTimeoutMs = 12_000;

/**
 * Takes this entry's values out of the zone, and only those. The removal counts once Route 53 has accepted it; nobody
 * waits for INSYNC. The journal entry goes last.
 */
export async function removeChallenges(
  entry: JournalEntry,
  zone: TargetZone,
  known: KnownSets,
  ports: CleanUpPorts,
): Promise<void> {
  const signal = ports.clock.deadline(cleanUpDeadlineMs);
  const { records, certificate } = entry;
  try {
    await changeZone(
      {
        goal: 'absent',
        records,
        known,
        comment: `lanacme ${certificate}, clean-up`,
        timeoutMs: raceTimeoutMs,
      },
      zone,
      ports,
      signal,
    );
  } catch (error) {
    throw leftBehind(entry, isOurs(error) || !signal.aborted ? error : tookTooLong(zone, error));
  }
  await ports.journal.remove(entry.id);
  ports.log.info(
    `removed ${records.length === 1 ? 'the challenge' : `${records.length} challenges`} from zone ${zone.zone}`,
  );
}

export interface CleanUpResult {
  readonly removed: readonly JournalEntry[];
  readonly errors: readonly LanacmeError[];
}

/** The zone that an entry was written to: its own words, checked against the zone of this configuration. */
export interface CleanUpZone {
  readonly zone: DnsName;
  readonly aliases: readonly string[];
}

/**
 * Removes what earlier runs of this host left. The caller holds the lock, so every entry is of a run that ended. One
 * failure never keeps the others from being removed.
 */
export async function cleanUpLeftovers(
  entries: readonly JournalEntry[],
  zone: CleanUpZone,
  ports: CleanUpPorts,
  signal: AbortSignal,
): Promise<CleanUpResult> {
  const removed: JournalEntry[] = [];
  const errors: LanacmeError[] = [];
  for (const entry of entries) {
    signal.throwIfAborted();
    try {
      refuseOtherZone(entry, zone.zone);
      await removeChallenges(entry, { ...zone, zoneId: entry.zoneId }, new Map(), ports);
      removed.push(entry);
    } catch (error) {
      errors.push(...asLanacmeErrors(error));
    }
  }
  return { removed, errors };
}

function refuseOtherZone(entry: JournalEntry, zone: DnsName): void {
  if (entry.zone === zone) return;
  throw new LanacmeError(
    'names.outside-zone',
    `challenge values of an interrupted run are left in zone ${entry.zone}, and this run may write only in ${zone}`,
    {
      hint: `run lanacme cleanup --zone ${entry.zone} with an identity that may write there; ${zoneIsGone(entry)}`,
      details: recordNames(entry.records),
    },
  );
}

function isOurs(error: unknown): boolean {
  return error instanceof LanacmeError || error instanceof SeveralErrors;
}

/** The reason of a deadline is Node's own; it says nothing of what was not done in time. */
function tookTooLong({ zone, zoneId }: TargetZone, cause: unknown): LanacmeError {
  return new LanacmeError(
    'route53.unreachable',
    `zone ${zone} (${zoneId}) did not take the change within ${cleanUpDeadlineMs / 1000} s`,
    { hint: 'check the way to Route 53', cause },
  );
}

function leftBehind(entry: JournalEntry, error: unknown): LanacmeError {
  const [first, ...rest] = asLanacmeErrors(error);
  const names = recordNames(entry.records).join(', ');
  return new LanacmeError(
    first?.code ?? 'internal.bug',
    `challenge values are left at ${names}: ${first?.message ?? 'unknown cause'}`,
    {
      hint: `${first?.hint ?? ''}; ${whatNext(entry, first?.code)}`,
      cause: error,
      details: [...(first?.details ?? []), ...rest.map((other) => other.message)],
    },
  );
}

function whatNext(entry: JournalEntry, code: LanacmeError['code'] | undefined): string {
  if (code === 'route53.zone-not-found') return zoneIsGone(entry);
  return 'the journal remembers the values: lanacme cleanup, and every later run, tries again';
}

/** With a zone its records are deleted, too; only a person can know that it will not come back. */
function zoneIsGone({ id }: JournalEntry): string {
  return `if that zone was deleted, the values went with it: then move ${journalPath(id)} out of the state folder`;
}
