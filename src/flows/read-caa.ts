import { bareName, type DnsName, type Domain, isDnsName } from '../core/names.ts';
import type { RelevantCaa } from '../core/preflight-caa.ts';
import { inFlight } from './in-flight.ts';
import type { AuthoritativeAnswer, ZoneView } from './zone-view.ts';

const atMostAsked = 16;
/** As for the CNAMEs of challenges. */
const longestChain = 10;

/**
 * The relevant CAA record set of each domain (RFC 8659 §3): at its own name, else at the closest name above that has
 * one, aliases followed. Left out: domains without one, and those where a server in between could not be asked.
 */
export async function readCaa(
  domains: readonly Domain[],
  view: ZoneView,
  signal: AbortSignal,
): Promise<readonly RelevantCaa[]> {
  const asked = new Map<DnsName, Promise<AuthoritativeAnswer<'CAA'> | undefined>>();
  const ask = async (name: DnsName): Promise<AuthoritativeAnswer<'CAA'> | undefined> => {
    const answer = asked.get(name) ?? view.ask(name, 'CAA', signal);
    asked.set(name, answer);
    return await answer;
  };
  const found = await inFlight(domains, atMostAsked, async (domain) => await climb(domain, ask));
  return found.flatMap((relevant) => relevant ?? []);
}

type Ask = (name: DnsName) => Promise<AuthoritativeAnswer<'CAA'> | undefined>;

async function climb(domain: Domain, ask: Ask): Promise<RelevantCaa | undefined> {
  const labels = bareName(domain).split('.');
  for (let above = 0; above < labels.length; above += 1) {
    const at = labels.slice(above).join('.') as DnsName;
    const records = await recordsAt(at, ask);
    if (records === undefined) return undefined;
    if (records.length > 0) return { domain, at, records };
  }
  return undefined;
}

/** Where a CNAME leads counts as being here. */
async function recordsAt(
  name: DnsName,
  ask: Ask,
): Promise<AuthoritativeAnswer<'CAA'>['records'] | undefined> {
  let place: string | undefined = name;
  for (let hops = 0; hops <= longestChain; hops += 1) {
    const answer: AuthoritativeAnswer<'CAA'> | undefined = isDnsName(place) ? await ask(place) : undefined;
    if (answer?.alias === undefined) return answer?.records;
    place = answer.alias;
  }
  return undefined;
}
