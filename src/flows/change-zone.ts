import type { BatchRefusal } from '../core/batch-refusal.ts';
import { applyChanges } from '../core/compare-and-swap.ts';
import { guard } from '../core/guard.ts';
import type { JournalRecord } from '../core/journal.ts';
import type { DnsName } from '../core/names.ts';
import type { Change, TxtRecordSet } from '../core/record-set.ts';
import {
  judgeRefusal,
  type KnownSets,
  planZoneChange,
  recordNames,
  type ZoneGoal,
} from '../core/zone-change.ts';
import { LanacmeError } from '../errors.ts';
import type { Clock, Log, Random, Route53 } from '../ports.ts';
import { allOf } from './all-of.ts';
import { type ReadPorts, readRecordSets } from './read-record-sets.ts';

export interface TargetZone {
  readonly zone: DnsName;
  /** Bare hosted-zone id. */
  readonly zoneId: string;
  /** Further names that the user lists as ours to write (`--challenge-alias`). */
  readonly aliases: readonly string[];
}

export interface ZonePorts extends ReadPorts {
  readonly route53: Route53;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export interface ZoneState {
  /** Of the batch that reached the goal; absent if nothing had to be sent. */
  readonly changeId?: string;
  readonly inSync: boolean;
  /** What our names hold now, to take our values out again without reading. */
  readonly known: KnownSets;
}

export interface ZoneChangeOptions {
  readonly goal: ZoneGoal;
  /** Ours, and journalled: the guard lets nothing else in or out. */
  readonly records: readonly JournalRecord[];
  readonly known: KnownSets;
  /** For the change batch's comment, so that an administrator sees who wrote it. */
  readonly comment: string;
  /** How long a race with other writers may go on, in milliseconds. */
  readonly timeoutMs: number;
}

/**
 * Compare-and-swap until our values are in the zone, or out of it: send, and when somebody else was there first, read
 * what they wrote and send again. Bounded in time, not in tries.
 *
 * @throws LanacmeError `route53.cname-in-the-way`, `route53.batch-refused`, `route53.lost-race`, `guard.refused`, or
 * whatever the Route 53 port throws.
 */
export async function changeZone(
  options: ZoneChangeOptions,
  zone: TargetZone,
  ports: ZonePorts,
  signal: AbortSignal,
): Promise<ZoneState> {
  const giveUpAt = ports.clock.now().getTime() + options.timeoutMs;
  let known = options.known;
  for (let lost = 0; ; lost += 1) {
    const changes = planZoneChange(options.goal, options.records, known);
    if (changes.length === 0) return { inSync: true, known };
    const batch = guard(changes, { ...zone, journalled: options.records }, options.comment);
    const answer = await ports.route53.change(batch, signal);
    if (answer.kind === 'accepted') {
      return {
        changeId: answer.changeId,
        inSync: answer.inSync,
        known: afterwards(options.records, known, changes),
      };
    }
    const verdict = judgeRefusal(answer.refusals, recordNames(options.records));
    if (verdict.kind === 'final') throw finalRefusal(verdict.refusals, zone);
    const leftMs = giveUpAt - ports.clock.now().getTime();
    if (leftMs <= 0) throw lostRace(options, answer.refusals);
    await backOff(lost, leftMs, ports, signal);
    known = await readAgain(verdict.names, known, zone, ports, signal);
  }
}

async function readAgain(
  names: readonly DnsName[],
  known: KnownSets,
  zone: TargetZone,
  ports: ZonePorts,
  signal: AbortSignal,
): Promise<KnownSets> {
  ports.log.debug(`another writer was at ${names.join(', ')}: reading what is there`);
  const read = await allOf(
    names.map(async (name) => [name, await readRecordSets(name, zone, ports, signal)] as const),
  );
  return new Map([...known, ...read]);
}

/** The first race is usually a set that simply is there: read it at once. Later ones are writers in step with us. */
async function backOff(lost: number, leftMs: number, ports: ZonePorts, signal: AbortSignal): Promise<void> {
  if (lost === 0) return;
  const ceilingMs = Math.min(250 * 2 ** lost, 5_000, leftMs);
  await ports.clock.sleep(ports.random.number() * ceilingMs, signal);
}

function afterwards(
  records: readonly JournalRecord[],
  known: KnownSets,
  changes: readonly Change[],
): KnownSets {
  const before = (name: DnsName): readonly TxtRecordSet[] => known.get(name) ?? [];
  return new Map(
    recordNames(records).map((name) => {
      const here = changes.filter((change) => change.set.name === name);
      return [name, applyChanges(before(name), here)] as const;
    }),
  );
}

function finalRefusal(refusals: readonly BatchRefusal[], zone: TargetZone): LanacmeError {
  const details = refusals.map((refusal) => refusal.message);
  const cname = refusals.find((refusal) => refusal.kind === 'cname-in-the-way');
  if (cname !== undefined) {
    return new LanacmeError(
      'route53.cname-in-the-way',
      `${cname.name ?? 'a challenge name'} is a CNAME in zone ${zone.zone}`,
      {
        hint: 'remove the CNAME, so that the challenge can be written there',
        details,
      },
    );
  }
  return new LanacmeError(
    'route53.batch-refused',
    `Route 53 refused the change to zone ${zone.zone} (${zone.zoneId})`,
    {
      hint: 'check that --zone and --zone-id name the same hosted zone',
      details,
    },
  );
}

function lostRace(options: ZoneChangeOptions, refusals: readonly BatchRefusal[]): LanacmeError {
  return new LanacmeError(
    'route53.lost-race',
    `other writers kept changing ${recordNames(options.records).join(', ')} for ${Math.round(options.timeoutMs / 1000)} s`,
    {
      hint: 'run it again later, or raise --dns-timeout',
      details: refusals.map((refusal) => refusal.message),
    },
  );
}
