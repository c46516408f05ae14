import { LanacmeError } from '../errors.ts';
import { challengePrefix, checkInZone, isInZone, isWritablePlace } from './lan-zone.ts';
import { bareName, type DnsName, type Domain } from './names.ts';

/** What a CNAME chain may be long before it is taken for a loop. */
const longestChain = 10;

export interface ChallengeZone {
  readonly zone: DnsName;
  /** Delegated names in the zone that this host may write to as well. */
  readonly aliases: readonly string[];
}

/** The challenge name of a domain without `*.`; `x` and `*.x` share it. */
function challengeName(base: DnsName): DnsName {
  return `${challengePrefix}${base}` as DnsName;
}

/**
 * One TXT name for each base name: its challenge name, or where CNAMEs lead from there. `cnames` holds what DNS
 * answered, owner to target; a name that is missing has no CNAME.
 *
 * @throws LanacmeError `names.outside-zone`, or `route53.cname-in-the-way` if a chain ends where this host may not write.
 */
export function planChallenges(
  domains: readonly Domain[],
  { zone, aliases }: ChallengeZone,
  cnames: ReadonlyMap<DnsName, DnsName> = new Map(),
): ReadonlyMap<DnsName, DnsName> {
  checkInZone(domains, zone);
  const bases = domains.map(bareName);
  return new Map(
    bases.map((base) => {
      const place = followed(challengeName(base), cnames);
      if (!isWritablePlace(place, zone, aliases)) throw notOurs(challengeName(base), place, zone);
      return [base, place];
    }),
  );
}

function followed(owner: DnsName, cnames: ReadonlyMap<DnsName, DnsName>): DnsName {
  let place = owner;
  for (let hops = 0; hops <= longestChain; hops += 1) {
    const target = cnames.get(place);
    if (target === undefined) return place;
    place = target;
  }
  throw new LanacmeError('route53.cname-in-the-way', `the CNAMEs from ${owner} do not end`, {
    hint: `look at them with: dig CNAME ${owner}`,
    outcome: 'usage',
  });
}

function notOurs(owner: DnsName, place: DnsName, zone: DnsName): LanacmeError {
  return new LanacmeError(
    'route53.cname-in-the-way',
    `${owner} is a CNAME to ${place}, where this host may not write`,
    {
      hint: isInZone(place, zone)
        ? `if it may, add --challenge-alias ${place}; otherwise remove the CNAME`
        : `lanacme writes only in ${zone}: point the CNAME to a name inside it, or remove it`,
      outcome: 'usage',
    },
  );
}
