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

/** What one name server showed in the end. */
type View = 'served' | 'unreachable' | 'not-authoritative' | 'missing';

/**
 * A look at the zone's authoritative servers before the CA looks. A server that answers without our value is waited
 * for; one that cannot be reached is a warning. The site's resolver is never asked: it would remember the absence.
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
  const served = views.filter((view) => view === 'served').length;
  const missing = views.filter((view) => view === 'missing').length;
  if (options.insist && (served === 0 || missing > 0)) throw notServed(zone, options.timeoutMs);
  if (served > 0)
    ports.log.info(`${served} of ${servers.length} name servers of ${zone} serve the challenge`);
}

async function watchServer(
  server: NameServer,
  records: readonly JournalRecord[],
  nameServers: NameServers,
  giveUpAt: number,
  ports: ServedPorts,
  signal: AbortSignal,
): Promise<View> {
  const where = `name server ${server.host} (${server.address})`;
  let wanted = records;
  for (;;) {
    for (const name of new Set(wanted.map((record) => record.name))) {
      const answer = await nameServers.txt(server, name, signal);
      if (answer.kind === 'unreachable') {
        ports.log.warn(`${where} cannot be reached: ${answer.reason}`);
        return 'unreachable';
      }
      if (!answer.authoritative) {
        ports.log.warn(`${where} does not answer with authority for ${name}: something stands between`);
        return 'not-authoritative';
      }
      wanted = wanted.filter((record) => record.name !== name || !isServed(record, answer.values));
    }
    if (wanted.length === 0) return 'served';
    if (ports.clock.now().getTime() >= giveUpAt) {
      ports.log.warn(`${where} still answers ${wanted[0]?.name ?? ''} without our value`);
      return 'missing';
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
