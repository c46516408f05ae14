import type { DnsName } from '../core/names.ts';
import { asLanacmeErrors } from '../errors.ts';
import type { NameServer, NameServers, TxtAnswer } from '../ports.ts';
import { allOf } from './all-of.ts';

/** More would hide what the CA said. */
const mostNames = 10;

/**
 * What each of the zone's name servers answers for the names at this moment, a line each: beside the CA's words it shows
 * whether the record or the way to it was missing. It never fails: it only explains a failure.
 */
export async function servedValues(
  names: readonly DnsName[],
  zone: DnsName,
  load: () => Promise<NameServers>,
  signal: AbortSignal,
): Promise<readonly string[]> {
  try {
    const nameServers = await load();
    const servers = await nameServers.of(zone, signal);
    const asked = names.slice(0, mostNames).flatMap((name) => servers.map((server) => ({ name, server })));
    return await allOf(
      asked.map(async ({ name, server }) =>
        lineOf(name, server, await nameServers.txt(server, name, signal)),
      ),
    );
  } catch (error) {
    return asLanacmeErrors(error).map(
      ({ message }) => `the zone's name servers could not be asked: ${message}`,
    );
  }
}

function lineOf(name: DnsName, { host, address }: NameServer, answer: TxtAnswer): string {
  const server = `name server ${host} (${address})`;
  if (answer.kind === 'unreachable') return `${server} cannot be reached: ${answer.reason}`;
  const values = answer.values.map((value) => JSON.stringify(value.join(''))).join(', ');
  const said = values === '' ? `has no TXT record at ${name}` : `answers ${name} with ${values}`;
  return answer.authoritative ? `${server} ${said}` : `${server} ${said}, without authority`;
}
