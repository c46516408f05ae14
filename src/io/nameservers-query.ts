import type { DnsName } from '../core/names.ts';
import type { DnsAnswer, DnsType, NameServer } from '../ports.ts';
import { type DnsQuery, dnsQuery, type Reading, readAnswer } from './nameservers-message.ts';
import { askByTcp, askByUdp } from './nameservers-transport.ts';

/**
 * Asks one server one question: by UDP, and by TCP where the answer is cut or none comes, for networks that let only
 * that through. `timeoutMs` is for each of the two.
 *
 * Rejects only with the signal's reason.
 */
export async function askServer<T extends DnsType>(
  server: NameServer,
  name: DnsName,
  type: T,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<DnsAnswer<T>> {
  const query = dnsQuery(name, type);
  const failures: string[] = [];
  for (const ask of [overUdp, overTcp]) {
    const limit = AbortSignal.timeout(timeoutMs);
    try {
      const reading = await ask(server, query, AbortSignal.any([signal, limit]));
      if (reading.kind === 'answered' || reading.kind === 'unreachable') return reading;
    } catch (error) {
      signal.throwIfAborted();
      failures.push(limit.aborted ? `no answer within ${timeoutMs} ms` : wordsOf(error));
    }
  }
  const [first = '', last = first] = failures;
  return {
    kind: 'unreachable',
    reason: first === last && failures.length > 1 ? `${first}, by UDP and TCP` : failures.join('; '),
  };
}

async function overUdp<T extends DnsType>(
  server: NameServer,
  query: DnsQuery<T>,
  signal: AbortSignal,
): Promise<Reading<T>> {
  const take = (packet: Buffer): Reading<T> | undefined => {
    const read = readAnswer(packet, query);
    return read.kind === 'foreign' ? undefined : read;
  };
  return await askByUdp(server, query.bytes, take, signal);
}

async function overTcp<T extends DnsType>(
  server: NameServer,
  query: DnsQuery<T>,
  signal: AbortSignal,
): Promise<Reading<T>> {
  const reading = readAnswer(await askByTcp(server, query.bytes, signal), query);
  if (reading.kind === 'truncated' || reading.kind === 'foreign')
    throw new Error('its answer over TCP does not fit the question');
  return reading;
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, 200) : String(error).slice(0, 200);
}
