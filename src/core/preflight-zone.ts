import { escapeText } from './escape.ts';
import type { DnsName } from './names.ts';
import type { Finding } from './preflight-finding.ts';

/** What one of the zone's name servers said when it was asked for the zone. */
export interface ServerState {
  readonly host: string;
  readonly address: string;
  readonly state: 'authoritative' | 'not-authoritative' | 'unreachable';
  readonly reason: string;
}

/**
 * Servers that do not answer, or not with authority. An IPv6 address says nothing where the host has no IPv6; with no
 * server left there is nothing to compare with, and it was told when the CNAMEs were looked for.
 */
export function serverFindings(zone: DnsName, servers: readonly ServerState[]): readonly Finding[] {
  if (!servers.some(({ state }) => state === 'authoritative')) return [];
  return servers
    .filter(
      ({ state, address }) =>
        state === 'not-authoritative' || (state === 'unreachable' && !address.includes(':')),
    )
    .map(({ host, address, state, reason }) => ({
      weight: 'warns',
      code: state === 'unreachable' ? 'dns.server-unreachable' : 'dns.server-without-authority',
      message: `name server ${escapeText(host, 300)} (${address}) of ${zone} ${
        state === 'unreachable' ? `cannot be reached: ${reason}` : 'answers without authority'
      }`,
      hint: 'the CA may ask it, too: check that it is one of the servers of the hosted zone, and that port 53 reaches it',
    }));
}

/** What the parent zone says of the zone; nothing where no server of the parent could be asked. */
export interface Delegation {
  /** The NS set that the parent refers to; absent if it answers with authority that there is none. */
  readonly nameServers: readonly string[] | undefined;
  readonly dsKeyTags: readonly number[];
}

/** What the zone says of itself. */
export interface ZoneApex {
  readonly nameServers: readonly string[];
  /** Unknown if no server could be asked for it. */
  readonly hasKeys: boolean | undefined;
}

export function delegationFindings(
  zone: DnsName,
  parent: Delegation,
  own: ZoneApex,
  validatesDnssec: boolean,
): readonly Finding[] {
  return [
    ...nameServerFindings(zone, parent.nameServers, own.nameServers),
    ...keyFindings(zone, parent, own, validatesDnssec),
  ];
}

function nameServerFindings(
  zone: DnsName,
  delegated: readonly string[] | undefined,
  own: readonly string[],
): readonly Finding[] {
  const fix = `set the NS records for ${zone} in the zone above it to ${shown(own)}`;
  if (delegated === undefined) {
    const message = `${zone} is not delegated: the zone above it has no NS records for it`;
    return [{ weight: 'warns', code: 'dns.not-delegated', message, hint: fix }];
  }
  const [extra, missing] = [without(delegated, own), without(own, delegated)];
  if (extra.length === 0 && missing.length === 0) return [];
  const differences = [
    ...(extra.length === 0 ? [] : [`names ${shown(extra)}, which the zone does not`]),
    ...(missing.length === 0 ? [] : [`lacks ${shown(missing)}`]),
  ];
  const message = `the delegation of ${zone} ${differences.join(', and ')}`;
  return [{ weight: 'warns', code: 'dns.delegation-differs', message, hint: fix }];
}

/** With a DS above and no key below, every validating resolver takes the zone for forged (RFC 4035 §5.2). */
function keyFindings(
  zone: DnsName,
  { dsKeyTags }: Delegation,
  { hasKeys }: ZoneApex,
  validatesDnssec: boolean,
): readonly Finding[] {
  if (dsKeyTags.length === 0 || hasKeys !== false) return [];
  return [
    {
      weight: validatesDnssec ? 'stops' : 'warns',
      code: 'dns.ds-without-key',
      message: `the zone above ${zone} has a DS record (key tag ${dsKeyTags.join(', ')}), but ${zone} has no DNSKEY: validating resolvers refuse it`,
      hint: 'sign the hosted zone with that key, or remove the DS record',
    },
  ];
}

function without(names: readonly string[], others: readonly string[]): readonly string[] {
  return names.filter((name) => !others.includes(name)).toSorted();
}

function shown(names: readonly string[]): string {
  return names.map((name) => escapeText(name, 300)).join(', ');
}
