import type { WriteRights } from '../../src/core/guard.ts';
import type { Change, TxtRecordSet } from '../../src/core/record-set.ts';

/**
 * The promise once more, written differently from the guard: play the batch on a zone that holds what its DELETEs say,
 * as Route 53 would, and compare the zone before and after.
 */
export function keepsPromise(changes: readonly Change[], rights: WriteRights): boolean {
  if (
    changes.length === 0 ||
    !changes.every(({ set }) => isWellFormed(set) && isOurPlace(set.name, rights))
  ) {
    return false;
  }
  const before = new Map<string, TxtRecordSet>();
  for (const { action, set } of changes) {
    if (action !== 'DELETE') continue;
    if (before.has(keyOf(set))) return false;
    before.set(keyOf(set), set);
  }
  const after = play(before, changes);
  if (after === undefined) return false;
  return [...before.keys(), ...after.keys()].every((key) =>
    isFairTo(before.get(key), after.get(key), rights),
  );
}

/** The zone afterwards; nothing if Route 53 would refuse. */
function play(
  before: ReadonlyMap<string, TxtRecordSet>,
  changes: readonly Change[],
): ReadonlyMap<string, TxtRecordSet> | undefined {
  const zone = new Map(before);
  for (const { action, set } of changes) {
    const isThere = zone.has(keyOf(set));
    if (action === 'DELETE' ? !isThere : isThere) return undefined;
    if (action === 'DELETE') zone.delete(keyOf(set));
    else zone.set(keyOf(set), set);
  }
  return zone;
}

function isFairTo(
  before: TxtRecordSet | undefined,
  after: TxtRecordSet | undefined,
  { journalled }: WriteRights,
): boolean {
  const name = before?.name ?? after?.name;
  const ours = journalled.filter((record) => record.name === name).map((record) => record.value);
  const was = before?.values ?? [];
  const is = after?.values ?? [];
  const mayGo = new Set([...is, ...ours]);
  const mayCome = new Set([...was, ...ours.filter(isDigest)]);
  const ttls = new Set([before, after].flatMap((set) => (set === undefined ? [] : [set.ttl])));
  return ttls.size === 1 && was.every((value) => mayGo.has(value)) && is.every((value) => mayCome.has(value));
}

/** 43 characters of base64url in quotation marks: what 32 bytes take. */
function isDigest(text: string): boolean {
  const inner = text.slice(1, -1);
  return (
    text === `"${inner}"` &&
    inner.length === 43 &&
    Buffer.from(inner, 'base64url').length === 32 &&
    !/[+/=]/.test(inner)
  );
}

function keyOf({ name, setIdentifier }: TxtRecordSet): string {
  return JSON.stringify([name, setIdentifier]);
}

function isWellFormed({ name, ttl, values, setIdentifier }: TxtRecordSet): boolean {
  const octets = name.split('.').reduce((sum, label) => sum + label.length + 1, 1);
  return (
    octets <= 255 &&
    Math.trunc(ttl) === ttl &&
    ttl >= 0 &&
    ttl < 2 ** 31 &&
    values.length > 0 &&
    values.every((value, index) => value.length > 0 && values.indexOf(value) === index) &&
    setIdentifier !== ''
  );
}

/** By labels from the right, as a name server walks a name. */
function isOurPlace(name: string, { zone, aliases }: WriteRights): boolean {
  const labels = name.split('.').reverse();
  const apex = zone.split('.').reverse();
  if (!apex.every((label, index) => labels[index] === label)) return false;
  const below = labels.slice(apex.length);
  const first = below.pop();
  if (first === undefined) return false;
  if (first === '_acme-challenge' && below.every(isHostLabel)) return true;
  const isPlain = [...below, first].every((label) => isOf(label, 'abcdefghijklmnopqrstuvwxyz0123456789-_'));
  if (!isPlain || first === '_validation-persist') return false;
  return aliases.some((alias) => {
    const [head = '', ...rest] = alias.split('.');
    if (head !== '*') return alias === name;
    const root = rest.reverse();
    if (root.length <= apex.length || labels.length <= root.length) return false;
    return root.every((label, index) => labels[index] === label);
  });
}

function isHostLabel(label: string): boolean {
  return (
    isOf(label, 'abcdefghijklmnopqrstuvwxyz0123456789-') && !label.startsWith('-') && !label.endsWith('-')
  );
}

function isOf(label: string, alphabet: string): boolean {
  return label.length > 0 && label.length < 64 && Array.from(label).every((one) => alphabet.includes(one));
}
