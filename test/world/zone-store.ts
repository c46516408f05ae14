/**
 * The hosted zones of the small AWS: what Route 53's control plane holds, and what its name servers serve.
 *
 * A change is in the control plane at once and in DNS only when it is INSYNC, in the order of submission. Time is
 * read, never waited for: what is INSYNC follows from `now()`, so a test may move the clock.
 */
import { randomInt } from 'node:crypto';
import { applyBatch, type BatchRules } from './zone-batch.ts';
import { checkConstraints, checkStructure } from './zone-constraints.ts';
import { compareNames, compareText, formatName, labelsOf, normalizeName } from './zone-names.ts';
import { type Change, keyOf, type RecordSet, routingOf, type ZoneRecords } from './zone-records.ts';

export interface HostedZone {
  /** Bare, without `/hostedzone/`. */
  readonly id: string;
  /** Normalised: lower-case, absolute, escaped. */
  readonly name: string;
  readonly isPrivate: boolean;
  readonly comment: string;
  readonly callerReference: string;
  readonly nameServers: readonly string[];
}

export interface NewZone {
  readonly name: string;
  readonly id?: string;
  readonly isPrivate?: boolean;
  readonly comment?: string;
  /** Default: four names such as Route 53 gives. */
  readonly nameServers?: readonly string[];
  /** Changes made at birth, so that the zone has records of others from the start. */
  readonly records?: readonly Change['recordSet'][];
}

interface AboutChange {
  /** The ARN of who asked, or `third party`. */
  readonly by: string;
  readonly comment?: string | undefined;
}

/** A batch that was taken. */
export interface AcceptedChange extends AboutChange {
  /** Bare, without `/change/`. */
  readonly id: string;
  readonly zoneId: string;
  readonly submittedAt: Date;
  readonly changes: readonly Change[];
}

export interface ZoneStoreOptions {
  readonly now?: () => Date;
  /** How long a change stays PENDING. Default 300. */
  readonly delayMs?: number;
  readonly valueOrder?: BatchRules['valueOrder'];
  readonly maximumRecordSets?: number;
}

interface Version {
  readonly change?: AcceptedChange;
  readonly records: ZoneRecords;
  /** Milliseconds since the epoch; never before that of an earlier version. */
  inSyncAt: number;
}

interface ZoneHistory {
  readonly zone: HostedZone;
  readonly versions: Version[];
}

export class NoSuchHostedZone extends Error {
  constructor(id: string) {
    super(`No hosted zone found with ID: ${id}`);
    this.name = 'NoSuchHostedZone';
  }
}

export class ZoneStore {
  /** For changes from now on; `Infinity` holds them PENDING until `syncAll`. */
  delayMs: number;
  readonly #now: () => Date;
  readonly #rules: BatchRules;
  readonly #zones = new Map<string, ZoneHistory>();
  readonly #listeners = new Set<(change: AcceptedChange) => void>();

  constructor(options: ZoneStoreOptions = {}) {
    this.delayMs = options.delayMs ?? 300;
    this.#now = options.now ?? (() => new Date());
    this.#rules = {
      valueOrder: options.valueOrder ?? 'any',
      maximumRecordSets: options.maximumRecordSets ?? 10_000,
    };
  }

  /** A new zone with its SOA and NS, in DNS at once. Two zones may have one name. */
  addZone(wanted: NewZone): HostedZone {
    const zone: HostedZone = {
      id: wanted.id ?? `Z${randomId(20)}`,
      name: normalizeName(wanted.name),
      isPrivate: wanted.isPrivate ?? false,
      comment: wanted.comment ?? '',
      callerReference: randomId(12),
      nameServers: (wanted.nameServers ?? defaultNameServers).map(normalizeName),
    };
    const birth = applyBatch(
      zone,
      new Map(apexRecords(zone).map((set) => [keyOf(set), set])),
      (wanted.records ?? []).map((recordSet) => ({ action: 'CREATE', recordSet })),
      this.#rules,
    );
    this.#zones.set(zone.id, { zone, versions: [{ records: birth, inSyncAt: -Infinity }] });
    return zone;
  }

  removeZone(id: string): void {
    this.#zones.delete(id);
  }

  zone(id: string): HostedZone | undefined {
    return this.#zones.get(id)?.zone;
  }

  /** In the order in which they were added. */
  zones(): readonly HostedZone[] {
    return [...this.#zones.values()].map(({ zone }) => zone);
  }

  /** What the control plane holds, PENDING changes included, in the order of ListResourceRecordSets. */
  records(zoneId: string): readonly RecordSet[] {
    return sortRecords(this.#newest(zoneId).records);
  }

  /** What DNS serves: the state as of the last INSYNC change. */
  served(zoneId: string, at: Date = this.#now()): ZoneRecords {
    const version = this.#history(zoneId).versions.findLast(({ inSyncAt }) => inSyncAt <= at.getTime());
    return version?.records ?? new Map<string, RecordSet>();
  }

  /** Takes the whole batch, or throws `InvalidInput`, `BatchRefused` or `NoSuchHostedZone` and does nothing. */
  change(zoneId: string, changes: readonly Change[], about: AboutChange): AcceptedChange {
    return this.#take(zoneId, changes, about, this.delayMs);
  }

  /** Somebody else edits the zone: in DNS at once, unless an earlier change is still PENDING. */
  edit(zoneId: string, changes: readonly Change[]): AcceptedChange {
    return this.#take(zoneId, changes, { by: 'third party' }, 0);
  }

  changeStatus(
    changeId: string,
  ): { readonly change: AcceptedChange; readonly status: 'PENDING' | 'INSYNC' } | undefined {
    for (const { versions } of this.#zones.values()) {
      const version = versions.find(({ change }) => change?.id === changeId);
      if (version?.change !== undefined) {
        const isInSync = version.inSyncAt <= this.#now().getTime();
        return { change: version.change, status: isInSync ? 'INSYNC' : 'PENDING' };
      }
    }
    return undefined;
  }

  /** Everything taken so far becomes INSYNC now. */
  syncAll(): void {
    const now = this.#now().getTime();
    for (const version of [...this.#zones.values()].flatMap(({ versions }) => versions)) {
      version.inSyncAt = Math.min(version.inSyncAt, now);
    }
  }

  /** Every batch taken, oldest first. */
  changes(zoneId: string): readonly AcceptedChange[] {
    return this.#history(zoneId).versions.flatMap(({ change }) => (change === undefined ? [] : [change]));
  }

  /** Called with every batch right after it was taken, before the answer is sent. Returns the way to stop it. */
  onChange(listener: (change: AcceptedChange) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** The whole zone as canonical text: equal texts are equal zones, value order included. */
  snapshot(zoneId: string, of: 'stored' | 'served' = 'stored'): string {
    const records = of === 'stored' ? this.#newest(zoneId).records : this.served(zoneId);
    return sortRecords(records).flatMap(linesOf).join('');
  }

  #take(zoneId: string, changes: readonly Change[], about: AboutChange, delayMs: number): AcceptedChange {
    checkConstraints(changes, about.comment);
    const { zone, versions } = this.#history(zoneId);
    checkStructure(changes);
    const newest = this.#newest(zoneId);
    const records = applyBatch(zone, newest.records, changes, this.#rules);
    const submittedAt = this.#now();
    const change: AcceptedChange = { id: `C${randomId(20)}`, zoneId, submittedAt, changes, ...about };
    const inSyncAt = Math.max(newest.inSyncAt, submittedAt.getTime() + delayMs);
    versions.push({ change, records, inSyncAt });
    for (const listener of this.#listeners) listener(change);
    return change;
  }

  #history(zoneId: string): ZoneHistory {
    const history = this.#zones.get(zoneId);
    if (history === undefined) throw new NoSuchHostedZone(zoneId);
    return history;
  }

  #newest(zoneId: string): Version {
    const newest = this.#history(zoneId).versions.at(-1);
    if (newest === undefined) throw new Error('A zone has at least the version that it was born with.');
    return newest;
  }
}

/** Which lines of two snapshots differ: `- gone`, `+ new`; empty if the zones are equal. */
export function diffSnapshots(before: string, after: string): readonly string[] {
  if (before === after) return [];
  const [old, now] = [before, after].map((text) => text.split('\n').filter((line) => line !== ''));
  const missing = (from: readonly string[] = [], of: readonly string[] = []): readonly string[] => {
    const left = [...of];
    return from.filter((line) => {
      const at = left.indexOf(line);
      if (at >= 0) left.splice(at, 1);
      return at < 0;
    });
  };
  const lines = [
    ...missing(old, now).map((line) => `- ${line}`),
    ...missing(now, old).map((line) => `+ ${line}`),
  ];
  return lines.length > 0 ? lines : ['~ the same values in another order'];
}

/** By name (labels from the right), type, set identifier. */
function sortRecords(records: ZoneRecords): readonly RecordSet[] {
  return [...records.values()].sort(
    (a, b) =>
      compareNames(a.name, b.name) ||
      compareText(a.type, b.type) ||
      compareText(a.setIdentifier ?? '', b.setIdentifier ?? ''),
  );
}

function linesOf(set: RecordSet): readonly string[] {
  const routing =
    set.setIdentifier === undefined ? '' : ` {${routingOf(set)} ${JSON.stringify(set.setIdentifier)}}`;
  const head = `${set.name} ${set.ttl ?? '-'} ${set.type}${routing}`;
  if (set.aliasTarget !== undefined) return [`${head} ALIAS ${set.aliasTarget.dnsName}\n`];
  return set.values.map((value) => `${head} ${value}\n`);
}

const defaultNameServers = [
  'ns-2048.awsdns-64.com',
  'ns-2049.awsdns-65.net',
  'ns-2050.awsdns-66.org',
  'ns-2051.awsdns-67.co.uk',
];

/** What Route 53 puts into a new zone; its negative answers live for 900 seconds. */
function apexRecords(zone: HostedZone): readonly RecordSet[] {
  const primary = zone.nameServers[0] ?? formatName(labelsOf(zone.name));
  return [
    { name: zone.name, type: 'NS', ttl: 172_800, values: zone.nameServers },
    {
      name: zone.name,
      type: 'SOA',
      ttl: 900,
      values: [`${primary} awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400`],
    },
  ];
}

function randomId(length: number): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}
