import type { DnsName } from '../core/names.ts';
import type { Delegation, ZoneApex } from '../core/preflight-zone.ts';
import type { NameServer, NameServers } from '../ports.ts';
import { allOf } from './all-of.ts';
import type { ZoneView } from './zone-view.ts';

/** Of the parent's servers, so many are asked: they all tell the same, and a top-level domain has dozens. */
const mostAsked = 6;

/**
 * What the zone above says of the zone; nothing if none of its servers could be asked. Only a server that answers for
 * the zone's DS with authority is one of them: that record stands above the cut (RFC 4035 §2.4), and the answer tells a
 * server of the parent from one that hands on what it has heard.
 */
export async function readDelegation(
  zone: DnsName,
  nameServers: NameServers,
  signal: AbortSignal,
): Promise<Delegation | undefined> {
  const above = zone.slice(zone.indexOf('.') + 1) as DnsName;
  const servers = (await nameServers.holding(above, signal)).slice(0, mostAsked);
  const told = await allOf(servers.map(async (server) => await askParent(zone, server, nameServers, signal)));
  return told.find((one) => one !== undefined);
}

async function askParent(
  zone: DnsName,
  server: NameServer,
  nameServers: NameServers,
  signal: AbortSignal,
): Promise<Delegation | undefined> {
  const ds = await nameServers.ask(server, zone, 'DS', signal);
  if (ds.kind === 'unreachable' || !ds.authoritative) return undefined;
  const ns = await nameServers.ask(server, zone, 'NS', signal);
  if (ns.kind === 'unreachable') return undefined;
  const dsKeyTags = ds.records.map(({ keyTag }) => keyTag);
  if (ns.referral?.zone === zone) return { nameServers: ns.referral.nameServers, dsKeyTags };
  // With records it is the zone itself that answers: it is served here as well, and that is no delegation.
  const isAbsent = ns.authoritative && ns.records.length === 0;
  return isAbsent ? { nameServers: undefined, dsKeyTags } : undefined;
}

/** What the zone says of itself; nothing if it cannot be asked. */
export async function readApex(view: ZoneView, signal: AbortSignal): Promise<ZoneApex | undefined> {
  const [ns, keys] = await Promise.all([
    view.ask(view.zone, 'NS', signal),
    view.ask(view.zone, 'DNSKEY', signal),
  ]);
  if (ns === undefined) return undefined;
  return { nameServers: ns.records, hasKeys: keys === undefined ? undefined : keys.records.length > 0 };
}
