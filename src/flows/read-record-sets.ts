import { quoteStrings } from '../core/challenge-value.ts';
import type { DnsName } from '../core/names.ts';
import type { TxtRecordSet } from '../core/record-set.ts';
import { conjecture, lastConjecture, type Refuted, type Served } from '../core/unlisted-sets.ts';
import { LanacmeError } from '../errors.ts';
import type { Clock, NameServer, NameServers, Random, Route53, TxtAnswer } from '../ports.ts';

export interface ReadPorts {
  readonly route53: Route53;
  /** Loaded only when a name server must be asked. */
  readonly nameServers: () => Promise<NameServers>;
  readonly clock: Clock;
  readonly random: Random;
}

interface ReadZone {
  readonly zone: DnsName;
  readonly zoneId: string;
}

/** Name servers that still show what Route 53 has refused are asked again this often, and no longer than that. */
const pauseMs = 2_000;
const patienceMs = 10_000;

/**
 * What is at the name: from Route 53, whose answer includes changes still PENDING; without the right to list, what the
 * refusal and the zone's name servers tell together (`reference/route53.md` §8). Name servers cost Route 53 nothing, so
 * they are given some time to catch up with it.
 *
 * @throws LanacmeError `dns.unreachable` if nobody tells, or whatever the Route 53 port throws.
 */
export async function readRecordSets(
  refuted: Refuted,
  zone: ReadZone,
  ports: ReadPorts,
  signal: AbortSignal,
): Promise<readonly TxtRecordSet[]> {
  try {
    return await ports.route53.recordSets(zone.zoneId, refuted.name, signal);
  } catch (error) {
    if (!(error instanceof LanacmeError) || error.code !== 'route53.access-denied') throw error;
    return conjecture(refuted) ?? (await readServed(refuted, zone.zone, error, ports, signal));
  }
}

async function readServed(
  refuted: Refuted,
  zone: DnsName,
  denied: LanacmeError,
  { nameServers, clock, random }: ReadPorts,
  signal: AbortSignal,
): Promise<readonly TxtRecordSet[]> {
  const loaded = await nameServers();
  const servers = await loaded.of(zone, signal);
  const giveUpAt = clock.now().getTime() + patienceMs;
  for (;;) {
    const heard: TxtAnswer[] = [];
    const sets = await firstTelling(servers, signal, async (server, asking) => {
      const answer = await loaded.txt(server, refuted.name, asking);
      heard.push(answer);
      const served = servedOf(answer);
      return served === undefined ? undefined : conjecture(refuted, served);
    });
    if (sets !== undefined) return sets;
    if (!heard.some(isAuthoritative)) throw nobodyTells(refuted.name, zone, heard, denied);
    if (clock.now().getTime() >= giveUpAt) return lastConjecture(refuted, heard.map(servedOf).find(Boolean));
    await clock.sleep(pauseMs * (0.5 + random.number()), signal);
  }
}

/** All are asked at once; what the first says that tells anything counts, and nobody waits for the others. */
async function firstTelling<T>(
  servers: readonly NameServer[],
  signal: AbortSignal,
  ask: (server: NameServer, signal: AbortSignal) => Promise<T | undefined>,
): Promise<T | undefined> {
  const enough = new AbortController();
  const asking = AbortSignal.any([signal, enough.signal]);
  try {
    return await Promise.any(
      servers.map(async (server) => {
        const told = await ask(server, asking);
        if (told === undefined) throw new Error('it tells nothing');
        return told;
      }),
    );
  } catch {
    signal.throwIfAborted();
    return undefined;
  } finally {
    enough.abort();
  }
}

function isAuthoritative(answer: TxtAnswer): boolean {
  return answer.kind === 'answered' && answer.authoritative;
}

function servedOf(answer: TxtAnswer): Served | undefined {
  if (answer.kind !== 'answered' || !answer.authoritative) return undefined;
  if (answer.ttl === undefined || answer.values.length === 0) return undefined;
  return { ttl: answer.ttl, values: answer.values.map(quoteStrings) };
}

function nobodyTells(
  name: DnsName,
  zone: DnsName,
  heard: readonly TxtAnswer[],
  denied: LanacmeError,
): LanacmeError {
  const reasons = heard.map((answer) =>
    answer.kind === 'unreachable' ? answer.reason : 'it answers without authority',
  );
  return new LanacmeError(
    'dns.unreachable',
    `${name} has values already, and no name server of ${zone} tells which`,
    {
      hint: `let this host reach the zone's name servers on port 53, UDP and TCP (or name others with --name-servers), or allow route53:ListResourceRecordSets on the zone`,
      cause: denied,
      details: [...[...new Set(reasons)].map((reason) => `name server: ${reason}`), ...denied.details],
    },
  );
}
