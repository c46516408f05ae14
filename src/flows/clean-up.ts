import type { JournalEntry } from '../core/journal.ts';
import { isWritablePlace } from '../core/lan-zone.ts';
import type { DnsName } from '../core/names.ts';
import { journalPath } from '../core/version-layout.ts';
import { recordNames } from '../core/zone-change.ts';
import { asLanacmeErrors, LanacmeError, SeveralErrors } from '../errors.ts';
import type { Clock, JournalStore, Log } from '../ports.ts';
import type { TargetZone, ZonePorts } from './change-zone.ts';
import { ZoneWriter } from './zone-writer.ts';

export interface CleanUpPorts extends ZonePorts {
  readonly journal: JournalStore;
}

export interface RemovalPorts {
  readonly writer: ZoneWriter;
  readonly clock: Clock;
  readonly journal: JournalStore;
  readonly log: Log;
}

/** Clean-up outlives an abort, but not for long: systemd and a person at Ctrl-C both wait for it. */
const afterAbortMs = 15_000;
/** A race that is lost for as long is told as one, before the deadline. */
const raceMarginMs = 3_000;

/**
 * Takes this entry's values out of the zone, and only those. The removal counts once Route 53 has accepted it; nobody
 * waits for INSYNC. The journal entry goes last.
 *
 * @param within how long it may take, in milliseconds: 15 s at least, and no more once `hurry` has aborted
 */
export async function removeChallenges(
  entry: JournalEntry,
  within: { readonly timeoutMs: number; readonly hurry: AbortSignal },
  { writer, clock, journal, log }: RemovalPorts,
): Promise<void> {
  const givenMs = Math.max(within.timeoutMs, afterAbortMs);
  const deadline = hurriedDeadline(givenMs, within.hurry, clock);
  let wasThere: boolean;
  try {
    const timeoutMs = givenMs - raceMarginMs;
    wasThere = await writer.remove(entry, { timeoutMs, hurry: within.hurry }, deadline.signal);
  } catch (error) {
    const isTold = isOurs(error) || !deadline.signal.aborted;
    throw leftBehind(entry, isTold ? error : tookTooLong(writer.zone, deadline.limitMs(), error));
  } finally {
    deadline.release();
  }
  await journal.remove(entry.id);
  if (!wasThere) return;
  const { length } = entry.records;
  const challenges = length === 1 ? 'the challenge' : `${length} challenges`;
  log.info(`removed ${challenges} from zone ${writer.zone.zone}`);
}

export interface CleanUpResult {
  readonly removed: readonly JournalEntry[];
  readonly errors: readonly LanacmeError[];
}

/** What was left keeps nobody from a certificate: before an order it is given up soon. */
export const leftoverMs = 15_000;

/** The zone that an entry was written to: its own words, checked against the zone of this configuration. */
export interface CleanUpZone {
  readonly zone: DnsName;
  readonly aliases: readonly string[];
}

/**
 * Removes what earlier runs of this host left, in as few batches as it takes. The caller holds the lock, so every entry
 * is of a run that ended. One failure never keeps the others from being removed.
 *
 * @param timeoutMs longest race with other writers, in milliseconds
 */
export async function cleanUpLeftovers(
  entries: readonly JournalEntry[],
  zone: CleanUpZone,
  ports: CleanUpPorts,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<CleanUpResult> {
  signal.throwIfAborted();
  const writers = new Map<string, ZoneWriter>();
  const writerOf = ({ zoneId }: JournalEntry): ZoneWriter => {
    const writer = writers.get(zoneId) ?? new ZoneWriter({ ...zone, zoneId }, ports);
    writers.set(zoneId, writer);
    return writer;
  };
  const remove = async (entry: JournalEntry): Promise<readonly LanacmeError[]> => {
    try {
      refuseOtherZone(entry, zone.zone);
      refuseUnlisted(entry, zone);
      const within = { timeoutMs, hurry: signal };
      await removeChallenges(entry, within, { ...ports, writer: writerOf(entry) });
      return [];
    } catch (error) {
      return asLanacmeErrors(error);
    }
  };
  const errors = await Promise.all(entries.map(remove));
  signal.throwIfAborted();
  return { removed: entries.filter((_, index) => errors[index]?.length === 0), errors: errors.flat() };
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

/** A delegated challenge was written where a CNAME led: that name must still be listed, or the guard refuses it. */
function refuseUnlisted(entry: JournalEntry, { zone, aliases }: CleanUpZone): void {
  const unlisted = recordNames(entry.records).filter((name) => !isWritablePlace(name, zone, aliases));
  if (unlisted.length === 0) return;
  throw new LanacmeError(
    'names.alias-not-listed',
    `challenge values of an interrupted run are left at ${unlisted.join(', ')}, where this run may not write`,
    {
      hint: `if CNAMEs of challenge names led there, run lanacme cleanup --challenge-alias ${unlisted.join(',')}; if not, remove journal/${entry.id}.json`,
    },
  );
}

function isOurs(error: unknown): boolean {
  return error instanceof LanacmeError || error instanceof SeveralErrors;
}

interface Deadline {
  readonly signal: AbortSignal;
  /** The time that it gave. */
  readonly limitMs: () => number;
  readonly release: () => void;
}

/** A deadline that comes nearer when somebody begins to wait for the end. */
function hurriedDeadline(timeoutMs: number, hurry: AbortSignal, clock: Clock): Deadline {
  let limitMs = hurry.aborted ? Math.min(timeoutMs, afterAbortMs) : timeoutMs;
  const nearer = new AbortController();
  const comeNearer = (): void => {
    limitMs = Math.min(timeoutMs, afterAbortMs);
    const deadline = clock.deadline(limitMs);
    deadline.addEventListener('abort', () => {
      nearer.abort(deadline.reason);
    });
  };
  const signal = AbortSignal.any([clock.deadline(limitMs), nearer.signal]);
  hurry.addEventListener('abort', comeNearer, { once: true });
  return {
    signal,
    limitMs: () => limitMs,
    release: () => {
      hurry.removeEventListener('abort', comeNearer);
    },
  };
}

/** The reason of a deadline is Node's own; it says nothing of what was not done in time. */
function tookTooLong({ zone, zoneId }: TargetZone, timeoutMs: number, cause: unknown): LanacmeError {
  return new LanacmeError(
    'route53.unreachable',
    `zone ${zone} (${zoneId}) did not take the change within ${timeoutMs / 1000} s`,
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
  const again = 'the journal remembers the values: lanacme cleanup, and every later run, tries again';
  if (code === 'route53.zone-not-found') return zoneIsGone(entry);
  // A policy names its zones: one that is gone, or was made anew, is denied before anybody looks for it.
  return code === 'route53.access-denied' ? `${again}; ${zoneIsGone(entry)}` : again;
}

/** With a zone its records are deleted, too; only a person can know that it will not come back. */
function zoneIsGone({ id, zoneId }: JournalEntry): string {
  return `if zone ${zoneId} was deleted, the values went with it: then move ${journalPath(id)} out of the state folder`;
}
