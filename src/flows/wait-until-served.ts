import { unquoteTxt } from '../core/challenge-value.ts';
import type { JournalRecord } from '../core/journal.ts';
import type { DnsName } from '../core/names.ts';
import { LanacmeError } from '../errors.ts';
import type { Clock, Log, NameServer, NameServers, TxtStrings } from '../ports.ts';
import { allOf } from './all-of.ts';

export interface ServedPorts {
  readonly nameServers: () => Promise<NameServers>;
  readonly clock: Clock;
  readonly log: Log;
}

const pollMs = 1_000;

/** What one name server showed in the end, and what there is to say of it. */
interface View {
  readonly server: NameServer;
  readonly shown: 'served' | 'unreachable' | 'not-authoritative' | 'missing';
  readonly says?: string;
}

/**
 * A look at the zone's authoritative servers before the CA looks. A server that answers without our value is waited
 * for; one that cannot be reached is a warning, unless it is an IPv6 address and others were reached: a host without
 * IPv6 is no news. The site's resolver is never asked: it would remember the absence.
 *
 * After INSYNC this only warns, since INSYNC decides. With `insist` (INSYNC is unknown) at least one server must
 * serve everything.
 *
 * @throws LanacmeError `dns.not-served` when insisting.
 */
export async function waitUntilServed(
  records: readonly JournalRecord[],
  zone: DnsName,
  options: { readonly timeoutMs: number; readonly insist: boolean },
  ports: ServedPorts,
  signal: AbortSignal,
): Promise<void> {
  const nameServers = await ports.nameServers();
  const servers = await nameServers.of(zone, signal);
  const giveUpAt = ports.clock.now().getTime() + options.timeoutMs;
  const views = await allOf(
    servers.map(async (server) => await watchServer(server, records, nameServers, giveUpAt, ports, signal)),
  );
  tell(views, ports.log);
  const served = views.filter(({ shown }) => shown === 'served').length;
  const missing = views.filter(({ shown }) => shown === 'missing').length;
  if (options.insist && (served === 0 || missing > 0)) throw notServed(zone, options.timeoutMs);
  if (served > 0)
    ports.log.info(`${served} of ${servers.length} name servers of ${zone} serve the challenge`);
}

function tell(views: readonly View[], log: Log): void {
  const isAnyReached = views.some(({ shown }) => shown !== 'unreachable');
  for (const { server, shown, says } of views) {
    if (says === undefined) continue;
    const message = `name server ${server.host} (${server.address}) ${says}`;
    const isNoNews = shown === 'unreachable' && isAnyReached && server.address.includes(':');
    if (isNoNews) log.debug(message);
    else log.warn(message);
  }
}

async function watchServer(
  server: NameServer,
  records: readonly JournalRecord[],
  nameServers: NameServers,
  giveUpAt: number,
  ports: ServedPorts,
  signal: AbortSignal,
): Promise<View> {
  let wanted = records;
  for (;;) {
    for (const name of new Set(wanted.map((record) => record.name))) {
      const answer = await nameServers.txt(server, name, signal);
      if (answer.kind === 'unreachable') {
        return { server, shown: 'unreachable', says: `cannot be reached: ${answer.reason}` };
      }
      if (!answer.authoritative) {
        const says = `does not answer with authority for ${name}: something stands between`;
        return { server, shown: 'not-authoritative', says };
      }
      wanted = wanted.filter((record) => record.name !== name || !isServed(record, answer.values));
    }
    if (wanted.length === 0) return { server, shown: 'served' };
    if (ports.clock.now().getTime() >= giveUpAt) {
      return { server, shown: 'missing', says: `still answers ${wanted[0]?.name ?? ''} without our value` };
    }
    await ports.clock.sleep(pollMs, signal);
  }
}

function isServed(record: JournalRecord, values: readonly TxtStrings[]): boolean {
  const plain = unquoteTxt(record.value);
  return plain !== undefined && values.some((strings) => strings.join('') === plain);
}

function notServed(zone: DnsName, timeoutMs: number): LanacmeError {
  return new LanacmeError(
    'dns.not-served',
    `the name servers of ${zone} did not serve the challenge within ${Math.round(timeoutMs / 1000)} s`,
    {
      hint: 'allow route53:GetChange on arn:aws:route53:::change/*, so that lanacme can wait for INSYNC itself',
    },
  );
}
