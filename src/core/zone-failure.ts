/** Why a change to the zone did not come about, and whom among several that shared a batch it concerns. */
import { LanacmeError } from '../errors.ts';
import { batchLimits, batchSize } from './batch-packing.ts';
import type { BatchRefusal } from './batch-refusal.ts';
import type { DnsName } from './names.ts';
import type { Change } from './record-set.ts';
import { recordNames } from './zone-change.ts';

interface ZoneId {
  readonly zone: DnsName;
  /** Bare hosted-zone id. */
  readonly zoneId: string;
}

/** Route 53 did nothing, for sure. */
export function isSurelyUnsent(error: unknown): boolean {
  return error instanceof LanacmeError && refusedOutright.has(error.code);
}

const refusedOutright: ReadonlySet<string> = new Set([
  'guard.refused',
  'route53.access-denied',
  'route53.clock-skew',
  'route53.refused',
  'route53.server-untrusted',
  'route53.zone-not-found',
]);

/** Whether some of the orders may do without the others; else it is the way to the zone that failed, for all. */
export function isAboutSome(error: unknown): boolean {
  if (!(error instanceof LanacmeError) || error.code.startsWith('credentials.')) return false;
  return !aboutTheWay.has(error.code);
}

const aboutTheWay: ReadonlySet<string> = new Set([
  'internal.bug',
  'route53.bad-answer',
  'route53.clock-skew',
  'route53.server-error',
  'route53.server-untrusted',
  'route53.session-refused',
  'route53.throttled',
  'route53.unreachable',
  'route53.zone-not-found',
  'run.interrupted',
]);

/** The zone will never take the batch. */
export class FinalRefusal extends LanacmeError {
  /** Those that Route 53 speaks of. */
  readonly names: readonly DnsName[];

  constructor(refusals: readonly BatchRefusal[], { zone, zoneId }: ZoneId) {
    const details = refusals.map((refusal) => refusal.message);
    const cname = refusals.find((refusal) => refusal.kind === 'cname-in-the-way');
    if (cname === undefined) {
      super('route53.batch-refused', `Route 53 refused the change to zone ${zone} (${zoneId})`, {
        hint: 'check that --zone and --zone-id name the same hosted zone',
        details,
      });
    } else {
      super('route53.cname-in-the-way', `${cname.name ?? 'a challenge name'} is a CNAME in zone ${zone}`, {
        hint: "let this host reach the zone's name servers, so that it can follow the CNAME (--name-servers), or remove it",
        details,
      });
    }
    this.names = refusals.flatMap(({ name }) => name ?? []);
  }
}

export function setTooLarge(changes: readonly Change[], { zone }: ZoneId): LanacmeError {
  const names = recordNames(changes.map(({ set }) => set)).join(', ');
  const { records, characters } = batchSize(changes);
  return new LanacmeError(
    'route53.set-too-large',
    `the TXT set at ${names} in zone ${zone} is too large to be changed in one batch`,
    {
      hint: `remove values that nobody needs from it: Route 53 takes ${batchLimits.records} values and ${batchLimits.characters} characters a batch`,
      details: [`replacing it would take ${records} values and ${characters} characters`],
    },
  );
}

export function lostRace(
  names: readonly DnsName[],
  timeoutMs: number,
  refusals: readonly BatchRefusal[],
): LanacmeError {
  return new LanacmeError(
    'route53.lost-race',
    `other writers kept changing ${names.join(', ')} for ${Math.round(timeoutMs / 1000)} s`,
    {
      hint: 'run it again later, or raise --dns-timeout',
      details: refusals.map((refusal) => refusal.message),
    },
  );
}
