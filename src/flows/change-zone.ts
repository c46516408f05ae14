import { batchSize, isTooLarge, packBatches } from '../core/batch-packing.ts';
import type { BatchRefusal } from '../core/batch-refusal.ts';
import { applyChanges } from '../core/compare-and-swap.ts';
import { isCrowded, othersAt, raceDelayMs, servedRaceDelayMs } from '../core/contention.ts';
import { type GuardedBatch, guard } from '../core/guard.ts';
import type { DnsName } from '../core/names.ts';
import type { TxtRecordSet } from '../core/record-set.ts';
import { judgeRefusal, planZoneChange, recordNames, valuesByName } from '../core/zone-change.ts';
import { FinalRefusal, isAboutSome, isSurelyUnsent, lostRace, setTooLarge } from '../core/zone-failure.ts';
import type { ChangeAnswer, Clock, Log, Random, Route53 } from '../ports.ts';
import { isFromNameServer, isPatient, type LostRace, mostOthers, readAgain } from './read-again.ts';
import type { ReadPorts } from './read-record-sets.ts';
import type { ZoneOrder } from './zone-order.ts';
import { commentOn, isWanted, tellAccepted, whileWanted, type ZonePart } from './zone-part.ts';

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

/** The zone, and what its names are known to hold: kept up to date with every answer. */
export interface ZoneAtHand extends TargetZone {
  readonly known: Map<DnsName, readonly TxtRecordSet[]>;
}

/**
 * Compare-and-swap until the values of every order are in the zone, or out of it, in as few batches as Route 53 takes:
 * send, and when somebody else was there first, read what they wrote and send again. Bounded in time, not in tries.
 * What is refused for good is sent again order by order, so that only the guilty one fails.
 *
 * Returns the ids of the accepted changes that are not INSYNC, oldest first. Each order is told how it went (`accept`,
 * `fail`): `route53.cname-in-the-way`, `route53.batch-refused`, `route53.set-too-large`, `route53.lost-race`,
 * `guard.refused`, or whatever the Route 53 port throws.
 */
export async function changeZone(
  orders: readonly ZoneOrder[],
  zone: ZoneAtHand,
  ports: ZonePorts,
): Promise<readonly string[]> {
  const parts = orders.map((order) => ({ order, goal: order.goal, records: order.records }));
  const change = new ZoneChange(zone, ports);
  await change.look(parts);
  await change.send(parts, 0);
  return change.pending;
}

class ZoneChange {
  readonly pending: string[] = [];
  readonly #zone: ZoneAtHand;
  readonly #ports: ZonePorts;
  readonly #begunAt: number;

  constructor(zone: ZoneAtHand, ports: ZonePorts) {
    this.#zone = zone;
    this.#ports = ports;
    this.#begunAt = ports.clock.now().getTime();
  }

  /** Reads first where so many others are that what is known is surely old: to try it would be one more request. */
  async look(parts: readonly ZonePart[]): Promise<void> {
    const { known } = this.#zone;
    const names = [...valuesByName(parts)].flatMap(([name, { add, remove }]) => {
      const sets = known.get(name) ?? [];
      return !isFromNameServer(sets) && isCrowded(othersAt(sets, [...add, ...remove])) ? [name] : [];
    });
    if (names.length === 0) return;
    try {
      const refusals = names.map((name) => ({ kind: 'values-differ', message: 'old by now', name }) as const);
      await whileWanted(parts, async (signal) => {
        await this.#readAgain(parts, { names, refusals }, signal);
      });
    } catch (error) {
      // It was only a short cut: whatever stands in the way is met again where it can be told to the order it concerns.
      this.#ports.log.debug('could not read ahead', { names, error });
    }
  }

  /** @param lost how many races with other writers these parts have lost */
  async send(parts: readonly ZonePart[], lost: number): Promise<void> {
    const wanted = parts.filter(isWanted);
    let batches: readonly (readonly ZonePart[])[];
    try {
      batches = packBatches(wanted, this.#zone.known);
    } catch (error) {
      await this.#divide(wanted, error);
      return;
    }
    for (const batch of batches) await this.#sendTogether(batch, lost);
  }

  async #sendTogether(given: readonly ZonePart[], lost: number): Promise<void> {
    const parts = given.filter(isWanted);
    if (parts.length === 0) return;
    let race: LostRace | undefined;
    try {
      race = await whileWanted(parts, async (signal) => await this.#attempt(parts, signal));
    } catch (error) {
      await this.#divide(parts, error);
    }
    if (race !== undefined) await this.#race(parts, race, lost);
  }

  /** One batch. Returns what to read again if other writers were there first. */
  async #attempt(parts: readonly ZonePart[], signal: AbortSignal): Promise<LostRace | undefined> {
    const { known } = this.#zone;
    const changes = planZoneChange(parts, known);
    const records = parts.flatMap((part) => part.records);
    if (changes.length === 0) {
      await tellAccepted(parts, undefined);
      return undefined;
    }
    if (isTooLarge(batchSize(changes))) throw setTooLarge(changes, this.#zone);
    const batch = guard(changes, { ...this.#zone, journalled: records }, commentOn(parts));
    const answer = await this.#change(batch, parts, signal);
    if (answer.kind === 'refused') {
      const verdict = judgeRefusal(answer.refusals, recordNames(records));
      if (verdict.kind === 'final') throw this.#finalRefusal(verdict.refusals, answer.refusals);
      // Perhaps only because an earlier sending of it was applied, and its answer lost.
      for (const { order } of parts) order.mayBeInZone = true;
      return { names: verdict.names, refusals: answer.refusals };
    }
    for (const name of recordNames(changes.map(({ set }) => set))) {
      const here = changes.filter(({ set }) => set.name === name);
      known.set(name, applyChanges(known.get(name) ?? [], here));
    }
    if (!answer.inSync) this.pending.push(answer.changeId);
    await tellAccepted(parts, answer.changeId);
    return undefined;
  }

  /** An answer that is lost leaves in doubt whether the batch was applied. */
  async #change(batch: GuardedBatch, parts: readonly ZonePart[], signal: AbortSignal): Promise<ChangeAnswer> {
    try {
      return await this.#ports.route53.change(batch, signal);
    } catch (error) {
      if (!isSurelyUnsent(error)) {
        for (const { order } of parts) order.mayBeInZone = true;
        for (const { set } of batch.changes) this.#zone.known.delete(set.name);
      }
      throw error;
    }
  }

  /** The first race is usually a set that simply is there. A name that is fought over holds up only its own orders. */
  async #race(parts: readonly ZonePart[], race: LostRace, lost: number): Promise<void> {
    const isStruck = ({ records }: ZonePart): boolean =>
      lost === 0 || records.some(({ name }) => race.names.includes(name));
    await this.send(
      parts.filter((part) => !isStruck(part)),
      0,
    );
    const now = this.#ports.clock.now().getTime();
    for (const { order } of parts.filter(isStruck)) {
      if (now - this.#begunAt >= order.timeoutMs)
        order.fail(lostRace(recordNames(order.records), order.timeoutMs, race.refusals));
    }
    const struck = parts.filter((part) => isStruck(part) && isWanted(part));
    if (struck.length === 0) {
      this.#forget(race.names);
      return;
    }
    try {
      await whileWanted(struck, async (signal) => {
        await this.#backOff(struck, lost, signal);
        await this.#readAgain(struck, race, signal);
      });
    } catch (error) {
      this.#forget(race.names);
      await this.#divide(struck, error);
      return;
    }
    await this.send(struck, lost + 1);
  }

  async #backOff(parts: readonly ZonePart[], lost: number, signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#ports;
    const { known } = this.#zone;
    const leftMs = this.#leftMs(parts);
    const isServed = recordNames(parts.flatMap(({ records }) => records)).some((name) =>
      isFromNameServer(known.get(name)),
    );
    const delayMs =
      isServed && isPatient(leftMs)
        ? servedRaceDelayMs(random.number())
        : raceDelayMs(lost, mostOthers(parts, known), random.number());
    await clock.sleep(Math.min(delayMs, leftMs), signal);
  }

  #leftMs(parts: readonly ZonePart[]): number {
    const elapsedMs = this.#ports.clock.now().getTime() - this.#begunAt;
    return Math.max(...parts.map(({ order }) => order.timeoutMs)) - elapsedMs;
  }

  async #readAgain(parts: readonly ZonePart[], race: LostRace, signal: AbortSignal): Promise<void> {
    const leftMs = this.#leftMs(parts);
    await readAgain(parts, { ...race, leftMs }, this.#zone, this.#ports, signal);
  }

  /** What was refuted, and not read again, is not known: the next to come there begins with a guess. */
  #forget(names: readonly DnsName[]): void {
    for (const name of names) this.#zone.known.delete(name);
  }

  #finalRefusal(final: readonly BatchRefusal[], all: readonly BatchRefusal[]): FinalRefusal {
    this.#forget(all.flatMap(({ name }) => name ?? []));
    return new FinalRefusal(final, this.#zone);
  }

  /** Sends what failed together again, apart: those that nothing is said against together, each suspect alone. */
  async #divide(parts: readonly ZonePart[], error: unknown): Promise<void> {
    if (parts.length < 2 || !isAboutSome(error)) {
      for (const { order } of parts) order.fail(error);
      return;
    }
    const isNamed = ({ records }: ZonePart): boolean =>
      error instanceof FinalRefusal && records.some(({ name }) => error.names.includes(name));
    const [named, others] = [parts.filter(isNamed), parts.filter((part) => !isNamed(part))];
    if (named.length > 0) await this.send(others, 0);
    for (const part of named.length > 0 ? named : parts) await this.send([part], 0);
  }
}
