import { Resolver } from 'node:dns/promises';
import type { DnsName } from '../core/names.ts';
import type { Log, NameServer, NameServers, TxtAnswer } from '../ports.ts';
import { configuredAddresses, delegatedAddresses, parseNameServer } from './nameservers-addresses.ts';
import { readTxtAnswer, txtQuery } from './nameservers-message.ts';
import { askByTcp, askByUdp } from './nameservers-transport.ts';

export interface NameServersOptions {
  /** `host[:port]` of the servers to ask instead of those in the zone's NS set. */
  readonly configured: readonly string[];
  readonly log: Log;
  /** Default 2 s a try, 2 tries. */
  readonly timeoutMs?: number;
  readonly tries?: number;
}

/**
 * Asks the zone's authoritative servers themselves, never the site's resolver: that would keep the absence of a TXT
 * that came a moment too late for a quarter of an hour.
 *
 * @throws LanacmeError `config.invalid-value` for a configured server that cannot be one.
 */
export function makeNameServers(options: NameServersOptions): NameServers {
  const configured = options.configured.map(parseNameServer);
  const { timeoutMs = 2000, tries = 2, log } = options;
  return {
    of: async (zone, signal) => {
      signal.throwIfAborted();
      const resolver = new Resolver({ timeout: timeoutMs, tries });
      const cancel = (): void => {
        resolver.cancel();
      };
      signal.addEventListener('abort', cancel);
      const finding =
        configured.length > 0 ? configured.map(configuredAddresses) : [delegatedAddresses(zone, resolver)];
      const found = await Promise.allSettled(finding);
      signal.removeEventListener('abort', cancel);
      signal.throwIfAborted();
      for (const one of found) {
        if (one.status === 'rejected')
          log.warn(`cannot find a name server of ${zone}: ${wordsOf(one.reason)}`);
      }
      return found.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
    },
    txt: async (server, name, signal) => await askForTxt(server, name, { timeoutMs, tries }, signal),
  };
}

interface Limits {
  readonly timeoutMs: number;
  readonly tries: number;
}

async function askForTxt(
  server: NameServer,
  name: DnsName,
  limits: Limits,
  signal: AbortSignal,
): Promise<TxtAnswer> {
  let reason = '';
  for (let asked = 0; asked < limits.tries; asked += 1) {
    const limit = AbortSignal.timeout(limits.timeoutMs);
    try {
      return await askOnce(server, name, AbortSignal.any([signal, limit]));
    } catch (error) {
      signal.throwIfAborted();
      reason = limit.aborted
        ? `no answer within ${limits.timeoutMs} ms, asked ${asked + 1} times`
        : wordsOf(error);
    }
  }
  return { kind: 'unreachable', reason };
}

async function askOnce(server: NameServer, name: DnsName, signal: AbortSignal): Promise<TxtAnswer> {
  const query = txtQuery(name);
  const reading = await askByUdp(
    server,
    query.bytes,
    (packet) => {
      const read = readTxtAnswer(packet, query);
      return read.kind === 'foreign' ? undefined : read;
    },
    signal,
  );
  if (reading.kind !== 'truncated') return reading;
  const whole = readTxtAnswer(await askByTcp(server, query.bytes, signal), query);
  if (whole.kind === 'truncated' || whole.kind === 'foreign')
    throw new Error('its answer over TCP does not fit the question');
  return whole;
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 200) : String(error).slice(0, 200);
}
