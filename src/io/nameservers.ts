import { Resolver } from 'node:dns/promises';
import type { DnsName } from '../core/names.ts';
import type { Log, NameServer, NameServers } from '../ports.ts';
import {
  configuredAddresses,
  delegatedAddresses,
  enclosingAddresses,
  parseNameServer,
} from './nameservers-addresses.ts';
import { askServer } from './nameservers-query.ts';

export interface NameServersOptions {
  /** `host[:port]` of the servers to ask instead of those in the zone's NS set. */
  readonly configured: readonly string[];
  readonly log: Log;
  /** Of one try. Default 2 s. */
  readonly timeoutMs?: number;
}

/**
 * Asks the zone's authoritative servers themselves, never the site's resolver: that would keep the absence of a TXT
 * that came a moment too late for a quarter of an hour. The resolver only finds the servers, and with configured ones
 * it is not asked at all.
 *
 * @throws LanacmeError `config.invalid-value` for a configured server that cannot be one.
 */
export function makeNameServers({ configured, log, timeoutMs = 2000 }: NameServersOptions): NameServers {
  const servers = configured.map(parseNameServer);
  const known = new Map<DnsName, readonly NameServer[]>();
  const find = async (
    name: DnsName,
    byResolver: (resolver: Resolver) => Promise<readonly NameServer[]>,
    tell: (message: string) => void,
    signal: AbortSignal,
  ): Promise<readonly NameServer[]> => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const finding = async (resolver: Resolver) =>
      await Promise.allSettled(
        servers.length > 0 ? servers.map(configuredAddresses) : [byResolver(resolver)],
      );
    const settled = await withResolver(timeoutMs, signal, finding);
    for (const one of settled) if (one.status === 'rejected') tell(wordsOf(one.reason));
    const found = settled.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
    if (found.length > 0) known.set(name, found);
    return found;
  };
  return {
    of: async (zone, signal) => {
      const tell = (why: string): void => {
        log.warn(`cannot find a name server of ${zone}: ${why}`);
      };
      return await find(zone, async (resolver) => await delegatedAddresses(zone, resolver), tell, signal);
    },
    holding: async (name, signal) => {
      const tell = (why: string): void => {
        log.debug(`cannot find the name servers that hold ${name}: ${why}`);
      };
      return await find(name, async (resolver) => await enclosingAddresses(name, resolver), tell, signal);
    },
    txt: async (server, name, signal) => {
      const answer = await askServer(server, name, 'TXT', timeoutMs, signal);
      if (answer.kind === 'unreachable') return answer;
      const { kind, authoritative, records: values, ttl } = answer;
      return { kind, authoritative, values, ...(ttl === undefined ? {} : { ttl }) };
    },
    ask: async (server, name, type, signal) => await askServer(server, name, type, timeoutMs, signal),
  };
}

/** A resolver that gives up when the signal comes. */
async function withResolver<T>(
  timeoutMs: number,
  signal: AbortSignal,
  work: (resolver: Resolver) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  const resolver = new Resolver({ timeout: timeoutMs, tries: 2 });
  const cancel = (): void => {
    resolver.cancel();
  };
  signal.addEventListener('abort', cancel);
  const done = await work(resolver);
  signal.removeEventListener('abort', cancel);
  signal.throwIfAborted();
  return done;
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 200) : String(error).slice(0, 200);
}
