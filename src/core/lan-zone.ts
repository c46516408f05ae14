import { LanacmeError } from '../errors.ts';
import { bareName, type DnsName, type Domain, displayName, isLdhLabel } from './names.ts';

/** Whether the name is the zone's apex or below it: whole labels count, `xlan.example` is not in `lan.example`. */
export function isInZone(name: string, zone: DnsName): boolean {
  return name === zone || name.endsWith(`.${zone}`);
}

/**
 * Refuses a certificate with a name that this zone cannot prove.
 *
 * @throws LanacmeError `names.outside-zone`
 */
export function checkInZone(domains: readonly Domain[], zone: DnsName): void {
  const outside = domains.filter((domain) => !isInZone(bareName(domain), zone));
  const [first] = outside;
  if (first === undefined) return;
  const others = outside.length > 1 ? ` and ${outside.length - 1} more are` : ' is';
  throw new LanacmeError(
    'names.outside-zone',
    `${displayName(first)}${others} outside the LAN zone ${displayName(zone)}`,
    {
      hint: `lanacme writes only in ${zone}: leave these names out, or check --zone`,
      details: outside.map(displayName),
      outcome: 'usage',
    },
  );
}

/** Where the TXT value of an ACME dns-01 challenge goes (RFC 8555 §8.4). */
export const challengePrefix = '_acme-challenge.';
/** One TXT value here is a standing right to issue (dns-persist-01): out of bounds even if somebody lists it. */
const persistPrefix = '_validation-persist.';

/**
 * The only places that lanacme writes to: `_acme-challenge[.label…].ZONE`, and what the user lists as aliases below the
 * zone's apex: a name, or with `*.` before it everything below that name (one subtree, never the whole zone).
 */
export function isWritablePlace(name: DnsName, zone: DnsName, aliases: readonly string[]): boolean {
  if (isChallengeName(name, zone)) return true;
  if (!isBelow(name, zone) || name.startsWith(persistPrefix)) return false;
  return aliases.some((alias) => {
    if (!alias.startsWith('*.')) return alias === name;
    const root = alias.slice('*.'.length);
    return isBelow(root, zone) && isBelow(name, root);
  });
}

function isBelow(name: string, root: string): boolean {
  return root !== '' && name.endsWith(`.${root}`);
}

function isChallengeName(name: DnsName, zone: DnsName): boolean {
  if (!name.startsWith(challengePrefix)) return false;
  const base = name.slice(challengePrefix.length);
  if (base === zone) return true;
  return (
    isInZone(base, zone) &&
    base
      .slice(0, -(zone.length + 1))
      .split('.')
      .every(isLdhLabel)
  );
}
