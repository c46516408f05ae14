/**
 * The last look at a change batch, and the only maker of one that can be sent (design, promises 1 and 2).
 *
 * It trusts nobody, least of all the code that calls it: what is judged is a copy, read once, and what is sent is that
 * copy, frozen. A refusal is a bug of lanacme or a journal that somebody edited; nothing has been sent then.
 */
import { LanacmeError } from '../errors.ts';
import { isChallengeText } from './challenge-value.ts';
import { escapeText } from './escape.ts';
import type { JournalRecord } from './journal.ts';
import { isWritablePlace } from './lan-zone.ts';
import { type DnsName, isDnsName } from './names.ts';
import { type Change, isSameSet, type TxtRecordSet } from './record-set.ts';

/** What the promise lets this host do. */
export interface WriteRights {
  readonly zone: DnsName;
  /** Bare hosted-zone id. */
  readonly zoneId: string;
  /** Further names in the zone that the user lists as ours to write (`--challenge-alias`). */
  readonly aliases: readonly string[];
  /** The values in this zone that are ours: on disk before anything is sent. */
  readonly journalled: readonly JournalRecord[];
}

/** A class, so that neither a literal nor a spread copy has the type; not exported, so that nobody else makes one. */
class SealedBatch {
  readonly #sealed = true;
  /** Bare hosted-zone id. */
  readonly zoneId: string;
  /** For the administrator who looks at the zone's history. */
  readonly comment: string;
  /** All of them change TXT record sets. */
  readonly changes: readonly Change[];

  constructor(zoneId: string, comment: string, changes: readonly Change[]) {
    this.zoneId = zoneId;
    this.comment = comment;
    this.changes = changes;
    Object.freeze(this);
  }

  static is(thing: object): thing is SealedBatch {
    return #sealed in thing && thing.#sealed;
  }
}

/** A change batch that keeps the promise. It cannot be changed any more. */
export type GuardedBatch = SealedBatch;

/** Whether the guard has made it: for the adapter that sends, where a cast could have got around the type. */
export function isGuarded(batch: object): batch is GuardedBatch {
  return SealedBatch.is(batch);
}

/** Route 53 takes no longer comment. */
const longestComment = 256;

/**
 * Admits the batch if every change is a TXT CREATE or DELETE at a place that is ours to write, no value is lost or
 * added that is not in our journal, and no TTL changes.
 *
 * @throws LanacmeError `guard.refused`
 */
export function guard(changes: readonly Change[], rights: WriteRights, comment: string): GuardedBatch {
  const law = copyOfRights(rights);
  const refuse: Refuse = (why, set) => refused(why, set, law.zone);
  const copies = copyOfArray(changes, (change) => copyOfChange(change, refuse), refuse);
  if (copies.length === 0) throw refuse('it is empty');
  for (const { set } of copies) checkSet(set, law, refuse);
  for (const ofOneSet of groupedBySet(copies)) checkSwap(swapOf(ofOneSet, refuse), law, refuse);
  const words: unknown = comment;
  if (!isText(words)) throw refuse('its comment is not a text');
  return new SealedBatch(law.zoneId, words.slice(0, longestComment), copies);
}

type Refuse = (why: string, set?: Pick<TxtRecordSet, 'name'>) => LanacmeError;

// ---- one look at what was given ----

function copyOfRights(given: WriteRights): WriteRights {
  const { zone, zoneId, aliases, journalled } = given;
  const refuse: Refuse = (why) => refused(why, undefined, zone);
  if (typeof zone !== 'string' || !isDnsName(zone)) throw refuse('the zone is not a name in normal form');
  if (typeof zoneId !== 'string' || !/^[A-Za-z0-9]{1,32}$/.test(zoneId)) {
    throw refuse('the hosted-zone id is not a bare one');
  }
  return {
    zone,
    zoneId,
    aliases: copyOfArray(aliases, String, refuse),
    journalled: copyOfArray(journalled, copyOfRecord, refuse),
  };
}

function copyOfRecord(given: unknown): JournalRecord {
  const { name, value } = given as JournalRecord;
  return { name, value };
}

function copyOfChange(given: unknown, refuse: Refuse): Change {
  const { action, set } = members(given, ['action', 'set'], refuse);
  // `isServed` says where a set was read, and goes no further; a set that has a `routing` is never ours to change.
  const { name, ttl, values, setIdentifier } = members(
    set,
    ['name', 'ttl', 'values', 'setIdentifier', 'isServed'],
    refuse,
  );
  if (typeof name !== 'string' || !isDnsName(name)) throw refuse('a name is not in normal form');
  const refuseSet: Refuse = (why) => refuse(why, { name });
  if (action !== 'CREATE' && action !== 'DELETE') throw refuseSet('only CREATE and DELETE exist');
  if (typeof ttl !== 'number' || !Number.isInteger(ttl) || ttl < 0 || ttl > 0x7fffffff) {
    throw refuseSet('its TTL is not a whole number of seconds');
  }
  if (setIdentifier !== undefined && !isText(setIdentifier)) {
    throw refuseSet('its set identifier is not a text');
  }
  const copy = {
    name,
    ttl,
    values: copyOfArray(values, (value) => copyOfText(value, refuseSet), refuseSet),
    ...(setIdentifier === undefined ? {} : { setIdentifier }),
  };
  return sealed({ action, set: sealed(copy) });
}

/** The object's own members, each read once. Anything beside the allowed ones would be a change that nobody judged. */
function members<Name extends string>(
  given: unknown,
  allowed: readonly Name[],
  refuse: Refuse,
): Partial<Record<Name, unknown>> {
  if (typeof given !== 'object' || given === null) throw refuse('a change is not an object');
  const keys: readonly (string | symbol)[] = Reflect.ownKeys(given);
  const extra = keys.find((key) => !allowed.some((name) => name === key));
  if (extra !== undefined) {
    throw refuse(`a change has the member "${escapeText(String(extra))}", which no TXT change has`);
  }
  const present = allowed.filter((name) => keys.includes(name));
  return sealed(
    Object.fromEntries(present.map((name) => [name, Reflect.get(given, name) as unknown])) as Partial<
      Record<Name, unknown>
    >,
  );
}

function copyOfArray<T>(given: unknown, copyOf: (one: unknown) => T, refuse: Refuse): readonly T[] {
  if (!Array.isArray(given)) throw refuse('a list is not a list');
  const { length } = given;
  return Object.freeze(Array.from({ length }, (_, index) => copyOf(given[index])));
}

function copyOfText(given: unknown, refuse: Refuse): string {
  if (!isText(given)) throw refuse('a value is not a text');
  return given;
}

function isText(given: unknown): given is string {
  return typeof given === 'string' && given !== '';
}

/** Frozen, and deaf to what somebody may have put on `Object.prototype`. */
function sealed<Data extends object>(data: Data): Data {
  return Object.freeze(Object.setPrototypeOf({ ...data }, null) as Data);
}

// ---- the judgement ----

function checkSet(set: TxtRecordSet, { zone, aliases }: WriteRights, refuse: Refuse): void {
  if (!isWritablePlace(set.name, zone, aliases)) {
    throw refuse('it is neither a challenge name of the zone nor an alias below it', set);
  }
  if (set.values.length === 0) throw refuse('it has no value', set);
  if (new Set(set.values).size !== set.values.length) throw refuse('it has a value twice', set);
}

function groupedBySet(changes: readonly Change[]): readonly (readonly Change[])[] {
  const firsts = changes.filter(
    (change, index) => changes.findIndex((other) => isSameSet(other.set, change.set)) === index,
  );
  return firsts.map((first) => changes.filter((change) => isSameSet(change.set, first.set)));
}

/** What a set is before and after the batch; one of them is absent when it is made or ended. */
interface Swap {
  readonly before: TxtRecordSet | undefined;
  readonly after: TxtRecordSet | undefined;
}

/** One set is made (CREATE), ended (DELETE) or replaced (DELETE, then CREATE). */
function swapOf(changes: readonly Change[], refuse: Refuse): Swap {
  const [first, second] = changes;
  const actions = changes.map((change) => change.action).join(', ');
  if (first !== undefined && actions === 'CREATE') return { before: undefined, after: first.set };
  if (first !== undefined && actions === 'DELETE') return { before: first.set, after: undefined };
  if (first !== undefined && second !== undefined && actions === 'DELETE, CREATE') {
    return { before: first.set, after: second.set };
  }
  throw refuse(`its changes contradict each other: ${actions}`, first?.set);
}

function checkSwap({ before, after }: Swap, { journalled }: WriteRights, refuse: Refuse): void {
  if (before !== undefined && after !== undefined && before.ttl !== after.ttl) {
    throw refuse(`its TTL would change from ${before.ttl} to ${after.ttl}`, before);
  }
  for (const value of valuesOnlyIn(before, after)) {
    if (!isJournalled(before, value, journalled)) {
      throw refuse(`it would lose ${escapeText(value)}, which is not in our journal`, before);
    }
  }
  for (const value of valuesOnlyIn(after, before)) {
    if (!isJournalled(after, value, journalled)) {
      throw refuse(`it would gain ${escapeText(value)}, which is not in our journal`, after);
    }
    if (!isChallengeText(value)) {
      throw refuse(`it would gain ${escapeText(value)}, which is not the value of a challenge`, after);
    }
  }
}

function valuesOnlyIn(one: TxtRecordSet | undefined, other: TxtRecordSet | undefined): readonly string[] {
  return one?.values.filter((value) => other?.values.includes(value) !== true) ?? [];
}

function isJournalled(
  set: TxtRecordSet | undefined,
  value: string,
  journalled: readonly JournalRecord[],
): boolean {
  return journalled.some((record) => record.name === set?.name && record.value === value);
}

function refused(why: string, set: Pick<TxtRecordSet, 'name'> | undefined, zone: DnsName): LanacmeError {
  const where = set === undefined ? '' : ` at ${set.name}`;
  return new LanacmeError('guard.refused', `refused to send a change batch to zone ${zone}${where}: ${why}`, {
    hint: 'nothing was sent: please report this as a bug in lanacme, unless somebody edited its journal',
  });
}
