import { LanacmeError } from '../errors.ts';
import { escapeText } from './escape.ts';
import { challengePrefix, checkInZone, isInZone, isWritablePlace } from './lan-zone.ts';
import { bareName, type DnsName, type Domain, isDnsName } from './names.ts';

/** What a CNAME chain may be long before it is taken for a loop. */
export const longestChain = 10;

export interface ChallengeZone {
  readonly zone: DnsName;
  /** Delegated names in the zone that this host may write to as well. */
  readonly aliases: readonly string[];
}

/** The challenge name of a domain without `*.`; `x` and `*.x` share it. */
export function challengeName(base: DnsName): DnsName {
  return `${challengePrefix}${base}` as DnsName;
}

/** The challenge names of the domains, each once. */
export function challengeNames(domains: readonly Domain[]): readonly DnsName[] {
  return [...new Set(domains.map(bareName))].map(challengeName);
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
  cnames: ReadonlyMap<DnsName, string> = new Map(),
): ReadonlyMap<DnsName, DnsName> {
  checkInZone(domains, zone);
  const bases = domains.map(bareName);
  return new Map(
    bases.map((base) => {
      const chain = chainFrom(challengeName(base), cnames);
      const place = chain.at(-1) ?? '';
      if (!isDnsName(place) || !isWritablePlace(place, zone, aliases)) throw notOurs(chain, zone);
      return [base, place];
    }),
  );
}

/** The name itself and every target up to one that has no CNAME. */
function chainFrom(owner: DnsName, cnames: ReadonlyMap<DnsName, string>): readonly string[] {
  const chain: string[] = [owner];
  for (;;) {
    const place = chain.at(-1) ?? '';
    const target = isDnsName(place) ? cnames.get(place) : undefined;
    if (target === undefined) return chain;
    if (chain.includes(target)) throw endless(`the CNAMEs from ${owner} go in a circle`, [...chain, target]);
    chain.push(target);
    if (chain.length > longestChain + 1) {
      throw endless(`the CNAMEs from ${owner} do not end within ${longestChain} steps`, chain);
    }
  }
}

function endless(message: string, chain: readonly string[]): LanacmeError {
  return new LanacmeError('route53.cname-in-the-way', message, {
    hint: `let ${chain[0] ?? ''} lead to the name for the challenge, or remove its CNAME`,
    details: [shown(chain)],
    outcome: 'usage',
  });
}

function notOurs(chain: readonly string[], zone: DnsName): LanacmeError {
  const [owner, place] = [chain[0] ?? '', escapeText(chain.at(-1) ?? '')];
  return new LanacmeError(
    'route53.cname-in-the-way',
    `${owner} is a CNAME to ${place}, where this host may not write`,
    {
      hint: wayOut(place, zone),
      ...(chain.length > 2 ? { details: [shown(chain)] } : {}),
      outcome: 'usage',
    },
  );
}

function wayOut(place: string, zone: DnsName): string {
  if (isDnsName(place) && isWritablePlace(place, zone, [place])) {
    return `if it may, add --challenge-alias ${place}; otherwise remove the CNAME`;
  }
  const where = isInZone(place, zone) ? 'lanacme never writes there' : `lanacme writes only in ${zone}`;
  return `${where}: point the CNAME to a name below ${zone}, or remove it`;
}

function shown(chain: readonly string[]): string {
  return chain.map((name) => escapeText(name)).join(' -> ');
}
