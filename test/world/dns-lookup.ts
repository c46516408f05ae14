/**
 * What an authoritative server answers: RFC 1034 §4.3.2 with the wildcards and empty non-terminals of RFC 4592. Pure,
 * but for the choice among more than eight multivalue sets.
 */
import type { Answer } from 'dns-packet';
import { toAnswers } from './dns-records.ts';
import { formatName, isWithin, type Labels, labelsOf } from './zone-names.ts';
import { type RecordSet, routingOf, type ZoneRecords } from './zone-records.ts';
import { parseSoa } from './zone-values.ts';

/** A zone as one server has it at this moment. */
export interface ServedZone {
  /** Normalised. */
  readonly name: string;
  readonly records: ZoneRecords;
  /** Whether it answers for DNSKEY at its apex. */
  readonly hasKeys?: boolean;
}

export interface LookupResult {
  readonly rcode: 'NOERROR' | 'NXDOMAIN' | 'REFUSED' | 'SERVFAIL';
  readonly isAuthoritative: boolean;
  readonly answers: readonly Answer[];
  readonly authorities: readonly Answer[];
  readonly additionals: readonly Answer[];
}

export interface LookupQuestion {
  /** As it was asked, case kept, labels joined by dots. */
  readonly asked: string;
  /** Normalised. */
  readonly name: string;
  /** `TXT`, …, or `ANY`. */
  readonly type: string;
}

export function lookUp(
  zones: readonly ServedZone[],
  question: LookupQuestion,
  random: () => number,
): LookupResult {
  const answers: Answer[] = [];
  const visited = new Set<string>();
  let { name, asked } = question;
  for (;;) {
    const zone = zoneOf(zones, name);
    if (zone === undefined) {
      // The first name is not ours: not our business. A later one: the asker goes on from the CNAME.
      return answers.length === 0 ? refused : result({ answers });
    }
    if (visited.has(name)) return result({ answers });
    visited.add(name);
    const cut = delegation(zone, name, question.type);
    if (cut !== undefined) return answers.length === 0 ? referral(zone, cut) : result({ answers });
    const node = findNode(zone, labelsOf(name));
    if (node === undefined) {
      return result({ rcode: 'NXDOMAIN', answers, authorities: [soaOf(zone)] });
    }
    const cname = node.find((set) => set.type === 'CNAME');
    if (cname !== undefined && !['CNAME', 'ANY'].includes(question.type)) {
      const chosen = choose([cname], random);
      answers.push(...chosen.flatMap((set) => toAnswers(set, asked)));
      name = formatName(labelsOf(ended(cname.values[0] ?? '.')));
      asked = labelsOf(name).join('.');
      continue;
    }
    if (zone.hasKeys === true && question.type === 'DNSKEY' && name === zone.name) {
      return result({ answers: [dnskey(asked)] });
    }
    const matching = node.filter((set) => question.type === 'ANY' || set.type === question.type);
    const found = choose(matching, random).flatMap((set) =>
      (set.aliasTarget === undefined ? [set] : aliased(zones, set)).flatMap((each) => toAnswers(each, asked)),
    );
    answers.push(...found);
    return result({ answers, authorities: found.length === 0 ? [soaOf(zone)] : [] });
  }
}

/** A key-signing key like any other; nothing here is signed with it. */
function dnskey(name: string): Answer {
  const data = { flags: 257, algorithm: 13, key: Buffer.alloc(64, 1) };
  return { type: 'DNSKEY', name, ttl: 3600, class: 'IN', data };
}

const refused: LookupResult = {
  rcode: 'REFUSED',
  isAuthoritative: false,
  answers: [],
  authorities: [],
  additionals: [],
};

function result(parts: Partial<LookupResult>): LookupResult {
  return { rcode: 'NOERROR', isAuthoritative: true, answers: [], authorities: [], additionals: [], ...parts };
}

function ended(name: string): string {
  return name.endsWith('.') ? name : `${name}.`;
}

/** The one with the longest name that holds it. */
function zoneOf(zones: readonly ServedZone[], name: string): ServedZone | undefined {
  return zones
    .filter((zone) => isWithin(name, zone.name))
    .reduce<ServedZone | undefined>(
      (best, zone) => (best !== undefined && best.name.length >= zone.name.length ? best : zone),
      undefined,
    );
}

/** An NS set below the apex, at the name or above it: somebody else's business. A DS is still ours. */
function delegation(zone: ServedZone, name: string, type: string): RecordSet | undefined {
  const labels = labelsOf(name);
  const depth = labels.length - labelsOf(zone.name).length;
  for (let taken = depth - 1; taken >= 0; taken -= 1) {
    if (taken === 0 && type === 'DS') return undefined;
    const cut = zone.records.get(`${formatName(labels.slice(taken))} NS `);
    if (cut !== undefined) return cut;
  }
  return undefined;
}

function referral(zone: ServedZone, cut: RecordSet): LookupResult {
  const glue = cut.values.flatMap((server) =>
    ['A', 'AAAA'].flatMap((type) => {
      const set = zone.records.get(`${formatName(labelsOf(ended(server)))} ${type} `);
      return set === undefined ? [] : toAnswers(set, labelsOf(set.name).join('.'));
    }),
  );
  return result({
    isAuthoritative: false,
    authorities: toAnswers(cut, labelsOf(cut.name).join('.')),
    additionals: glue,
  });
}

/** The sets at a name or, if the name does not exist, at the wildcard that covers it. */
function findNode(zone: ServedZone, labels: Labels): readonly RecordSet[] | undefined {
  const exact = nodeAt(zone, labels);
  if (exact !== undefined) return exact;
  // Only the wildcard right below the closest encloser counts (RFC 4592 §3.3.1).
  const apexDepth = labelsOf(zone.name).length;
  for (let taken = 1; taken <= labels.length - apexDepth; taken += 1) {
    const encloser = labels.slice(taken);
    if (nodeAt(zone, encloser) !== undefined) return nodeAt(zone, ['*', ...encloser]);
  }
  return undefined;
}

/** Sets at exactly this name; empty for an empty non-terminal; undefined if the name does not exist. */
function nodeAt(zone: ServedZone, labels: Labels): readonly RecordSet[] | undefined {
  return indexOf(zone.records).get(formatName(labels));
}

const indexes = new WeakMap<ZoneRecords, ReadonlyMap<string, readonly RecordSet[]>>();

/** Name to sets; the names above them with none of their own. */
function indexOf(records: ZoneRecords): ReadonlyMap<string, readonly RecordSet[]> {
  const known = indexes.get(records);
  if (known !== undefined) return known;
  const index = new Map<string, RecordSet[]>();
  for (const set of records.values()) {
    index.set(set.name, [...(index.get(set.name) ?? []), set]);
    const labels = labelsOf(set.name);
    for (let taken = 1; taken < labels.length; taken += 1) {
      const above = formatName(labels.slice(taken));
      if (!index.has(above)) index.set(above, []);
    }
  }
  indexes.set(records, index);
  return index;
}

/** One answer carries at most eight multivalue sets, and one of the sets that are routed otherwise. */
function choose(sets: readonly RecordSet[], random: () => number): readonly RecordSet[] {
  const routed = sets.filter((set) => routingOf(set) !== 'simple');
  if (routed.length === 0) return sets;
  const shuffled = routed
    .map((set) => ({ set, order: random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ set }) => set);
  const isMultivalue = routed.every((set) => routingOf(set) === 'multivalue answer');
  return isMultivalue ? shuffled.slice(0, 8) : shuffled.slice(0, 1);
}

/** An alias to a set in our own zones; what it would be elsewhere in AWS is not known here. */
function aliased(zones: readonly ServedZone[], set: RecordSet): readonly RecordSet[] {
  const target = set.aliasTarget?.dnsName ?? set.name;
  const found = zoneOf(zones, target)?.records.get(`${target} ${set.type} `);
  return found === undefined || found.aliasTarget !== undefined ? [] : [found];
}

/** For a negative answer: its TTL is the smaller of the SOA's own and its minimum (RFC 2308 §3). */
function soaOf(zone: ServedZone): Answer {
  const set = zone.records.get(`${zone.name} SOA `);
  const value = set?.values[0];
  if (set === undefined || value === undefined) throw new Error(`Zone ${zone.name} has no SOA.`);
  const ttl = Math.min(set.ttl ?? 0, parseSoa(value).minimum);
  const [answer] = toAnswers({ ...set, ttl }, labelsOf(zone.name).join('.'));
  if (answer === undefined) throw new Error(`Zone ${zone.name} has an empty SOA.`);
  return answer;
}
