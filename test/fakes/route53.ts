import { readBatchRefusals } from '../../src/core/batch-refusal.ts';
import type { GuardedBatch } from '../../src/core/guard.ts';
import { type DnsName, parseListedName } from '../../src/core/names.ts';
import type { TxtRecordSet } from '../../src/core/record-set.ts';
import { LanacmeError } from '../../src/errors.ts';
import type { ChangeAnswer, HostedZone, Route53 } from '../../src/ports.ts';
import { BatchRefused } from '../world/zone-batch.ts';
import { type RecordSet, routingOf } from '../world/zone-records.ts';
import type { ZoneStore } from '../world/zone-store.ts';

/**
 * The Route 53 port straight on the small AWS's zones: every rule of a batch holds, without HTTP in between. `before`
 * may fail a call, or let another writer in first.
 */
export class FakeRoute53 implements Route53 {
  readonly calls: string[] = [];
  before: (call: string) => void = () => undefined;
  /** Whether IAM lets us send the batch. */
  admits: (batch: GuardedBatch) => boolean = () => true;
  /** After a batch was applied, before its answer is given. */
  afterChange: () => void = () => undefined;
  readonly #zones: ZoneStore;

  constructor(zones: ZoneStore) {
    this.#zones = zones;
  }

  async signIn(): Promise<void> {
    await this.#call('signIn');
  }

  async hostedZones(name: DnsName): Promise<readonly HostedZone[]> {
    await this.#call('hostedZones');
    return this.#zones
      .zones()
      .filter((zone) => zone.name === `${name}.`)
      .map(({ id, isPrivate }) => ({ id, name, isPrivate }));
  }

  async recordSets(zoneId: string, name: DnsName): Promise<readonly TxtRecordSet[]> {
    await this.#call('recordSets');
    return this.#zones
      .records(zoneId)
      .filter((set) => set.type === 'TXT' && parseListedName(set.name) === name)
      .map((set) => ({
        name,
        ttl: set.ttl ?? 0,
        values: set.values,
        ...(set.setIdentifier === undefined ? {} : { setIdentifier: set.setIdentifier }),
        ...foreignRouting(set),
      }));
  }

  async change(batch: GuardedBatch): Promise<ChangeAnswer> {
    await this.#call('change');
    if (!this.admits(batch)) throw accessDenied('ChangeResourceRecordSets');
    const changes = batch.changes.map(({ action, set }) => ({
      action,
      recordSet: {
        ...set,
        type: 'TXT',
        ...(set.setIdentifier === undefined ? {} : { multiValueAnswer: true }),
      },
    }));
    try {
      const { id } = this.#zones.change(batch.zoneId, changes, { by: 'us', comment: batch.comment });
      this.afterChange();
      return { kind: 'accepted', changeId: id, inSync: this.#isInSync(id) };
    } catch (error) {
      if (!(error instanceof BatchRefused)) throw error;
      return { kind: 'refused', refusals: readBatchRefusals(error.messages) };
    }
  }

  async isInSync(changeId: string): Promise<boolean> {
    await this.#call('isInSync');
    return this.#isInSync(changeId);
  }

  async close(): Promise<void> {
    await Promise.resolve();
  }

  #isInSync(changeId: string): boolean {
    return this.#zones.changeStatus(changeId)?.status === 'INSYNC';
  }

  async #call(name: string): Promise<void> {
    await Promise.resolve();
    this.calls.push(name);
    this.before(name);
  }
}

function foreignRouting(set: RecordSet): Pick<TxtRecordSet, 'routing'> {
  if (set.aliasTarget !== undefined) return { routing: 'alias' };
  const routing = routingOf(set);
  return routing === 'simple' || routing === 'multivalue answer' ? {} : { routing };
}

/** What the adapter throws when IAM says no. */
export function accessDenied(action: string): LanacmeError {
  return new LanacmeError('route53.access-denied', `not authorized to perform: route53:${action}`, {
    hint: `allow route53:${action}`,
  });
}
