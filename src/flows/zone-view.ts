import { isInZone } from '../core/lan-zone.ts';
import type { DnsName } from '../core/names.ts';
import type { DnsAnswer, DnsType, NameServer, NameServers } from '../ports.ts';
import { allOf } from './all-of.ts';

export interface SurveyedServer {
  readonly server: NameServer;
  readonly state: 'authoritative' | 'not-authoritative' | 'unreachable';
  /** Why, if it is unreachable. */
  readonly reason: string;
}

export type AuthoritativeAnswer<T extends DnsType> = Extract<DnsAnswer<T>, { kind: 'answered' }>;

/** The zone as its own name servers tell it: each is asked once whether it answers, and the dead are not asked again. */
export interface ZoneView {
  readonly zone: DnsName;
  /** In the order of the servers; it takes as long as the slowest. */
  servers(): Promise<readonly SurveyedServer[]>;
  /** Whether any server answers with authority; as soon as the first does. */
  answers(): Promise<boolean>;
  /** The first answer with authority; nothing if no server has one. Names outside the zone: of the zone that holds them. */
  ask<T extends DnsType>(
    name: DnsName,
    type: T,
    signal: AbortSignal,
  ): Promise<AuthoritativeAnswer<T> | undefined>;
}

/** Asks all servers of the zone for its SOA, and makes a view of those that answer with authority. */
export async function viewZone(
  zone: DnsName,
  nameServers: NameServers,
  signal: AbortSignal,
): Promise<ZoneView> {
  const surveys = (await nameServers.of(zone, signal)).map(
    async (server) => await survey(server, zone, nameServers, signal),
  );
  const all = allOf(surveys);
  // Whoever asks sees the failure; nobody may be asking yet.
  all.catch(() => undefined);
  const fastest = Promise.any(surveys.map(authoritative)).catch(async () => {
    await all;
    return undefined;
  });
  fastest.catch(() => undefined);
  const alive = async function* (): AsyncGenerator<NameServer> {
    const first = await fastest;
    if (first !== undefined) yield first;
    for (const { server, state } of await all) {
      if (state === 'authoritative' && server !== first) yield server;
    }
  };
  const outside = async function* (name: DnsName, until: AbortSignal): AsyncGenerator<NameServer> {
    const dead = new Set(
      (await all).flatMap(({ server, state }) => (state === 'unreachable' ? addressOf(server) : [])),
    );
    for (const server of await nameServers.holding(name, until))
      if (!dead.has(addressOf(server))) yield server;
  };
  return {
    zone,
    servers: async () => await all,
    answers: async () => (await fastest) !== undefined,
    ask: async (name, type, until) => {
      for await (const server of isInZone(name, zone) ? alive() : outside(name, until)) {
        const answer = await nameServers.ask(server, name, type, until);
        if (answer.kind === 'answered' && answer.authoritative) return answer;
      }
      return undefined;
    },
  };
}

async function survey(
  server: NameServer,
  zone: DnsName,
  nameServers: NameServers,
  signal: AbortSignal,
): Promise<SurveyedServer> {
  const answer = await nameServers.ask(server, zone, 'SOA', signal);
  if (answer.kind === 'unreachable') return { server, state: 'unreachable', reason: answer.reason };
  const isOurs = answer.authoritative && answer.records.length > 0;
  return { server, state: isOurs ? 'authoritative' : 'not-authoritative', reason: '' };
}

async function authoritative(surveyed: Promise<SurveyedServer>): Promise<NameServer> {
  const { server, state } = await surveyed;
  if (state !== 'authoritative') throw new Error(state);
  return server;
}

function addressOf({ address, port }: NameServer): string {
  return `${address} ${port}`;
}
