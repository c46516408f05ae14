import { isInZone } from '../core/lan-zone.ts';
import { type DnsName, displayName, parseDnsName } from '../core/names.ts';
import type { ZoneConfig } from './config.ts';
import { checkHostAndPort } from './host-and-port.ts';
import { quoted } from './parse-value.ts';
import { invalidValue, type Problems } from './problems.ts';
import type { Values } from './values.ts';

/** The LAN zone and how it is reached; undefined if a problem was noted. */
export function checkZone(values: Values, problems: Problems): ZoneConfig | undefined {
  const written = values.get('zone');
  if (written === undefined) problems.add(...values.missing('zone'));
  const name =
    written === undefined ? undefined : problems.attempt(values.origin('zone'), () => parseDnsName(written));
  const id = problems.attempt(values.origin('zone-id'), () => hostedZoneId(values.get('zone-id')));
  const nameServers = problems.attempt(values.origin('name-servers'), () =>
    (values.get('name-servers') ?? []).map(checkHostAndPort),
  );
  const timeoutMs = values.get('dns-timeout');
  if (name === undefined || nameServers === undefined) return undefined;
  const aliases = problems.attempt(values.origin('challenge-alias'), () =>
    challengeAliases(values.get('challenge-alias') ?? [], name),
  );
  return aliases && { name, ...(id === undefined ? {} : { id }), nameServers, timeoutMs, aliases };
}

/** The bare id, as it stands in the console or in AWS's answers. */
function hostedZoneId(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const id = text.replace(/^\/?hostedzone\//, '');
  if (/^Z[A-Z0-9]{1,31}$/.test(id)) return id;
  throw invalidValue(
    `${quoted(text)} is not a hosted-zone id`,
    'give it like Z0123456789ABCDEFGHIJ; aws route53 list-hosted-zones-by-name prints it',
  );
}

/** Exact names below the zone's apex, or `*.` and the root of one subtree that is not the whole zone. */
function challengeAliases(written: readonly string[], zone: DnsName): readonly string[] {
  const subtrees = written.filter((alias) => alias.startsWith('*.'));
  if (subtrees.length > 1) {
    throw invalidValue(
      `${subtrees.map(quoted).join(' and ')} are two subtrees`,
      'put all aliases below one name',
    );
  }
  return written.map((alias) => {
    const wildcard = alias.startsWith('*.') ? '*.' : '';
    const name = parseDnsName(alias.slice(wildcard.length));
    if (name !== zone && isInZone(name, zone)) return `${wildcard}${name}`;
    throw invalidValue(
      `${quoted(alias)} is not below the apex of the zone ${displayName(zone)}`,
      `give names such as x.acme.${zone}, or *.acme.${zone}`,
    );
  });
}
