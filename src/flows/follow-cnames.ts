import {
  type ChallengeZone,
  challengeName,
  challengeNames,
  longestChain,
  planChallenges,
} from '../core/challenge-plan.ts';
import { checkInZone, isInZone } from '../core/lan-zone.ts';
import { type DnsName, type Domain, isDnsName } from '../core/names.ts';
import { LanacmeError } from '../errors.ts';
import type { Log } from '../ports.ts';
import { inFlight } from './in-flight.ts';
import type { ZoneView } from './zone-view.ts';

/** Enough for a hundred names in a second, and no burst that a home router drops. */
const atMostAsked = 16;

/**
 * Where the challenge of each base name goes: to its challenge name, or where CNAMEs lead from there, asked of the
 * authoritative servers. A name outside the zone is refused before anything is asked.
 *
 * @throws LanacmeError as `planChallenges` does.
 */
export async function followCnames(
  domains: readonly Domain[],
  zone: ChallengeZone,
  loadView: () => Promise<ZoneView>,
  log: Log,
  signal: AbortSignal,
): Promise<ReadonlyMap<DnsName, DnsName>> {
  checkInZone(domains, zone.zone);
  const cnames = await readCnames(challengeNames(domains), zone.zone, loadView, log, signal);
  const places = planChallenges(domains, zone, cnames);
  tellDelegations(places, log);
  return places;
}

function tellDelegations(places: ReadonlyMap<DnsName, DnsName>, log: Log): void {
  const delegated = [...places].filter(([base, place]) => place !== challengeName(base));
  for (const target of new Set(delegated.map(([, place]) => place))) {
    const bases = delegated.filter(([, place]) => place === target).map(([base]) => base);
    log.info(`a CNAME leads the challenge of ${firstOf(bases)} to ${target}`);
  }
}

function firstOf([first = '', ...others]: readonly string[]): string {
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}

/** Nothing known is no reason to give up: Route 53 refuses what a CNAME is in the way of. */
async function readCnames(
  owners: readonly DnsName[],
  zone: DnsName,
  loadView: () => Promise<ZoneView>,
  log: Log,
  signal: AbortSignal,
): Promise<ReadonlyMap<DnsName, string>> {
  const unknown = (why: string): ReadonlyMap<DnsName, string> => {
    log.warn(`cannot look for CNAMEs at the challenge names (${why}): going on as if there were none`);
    return new Map();
  };
  try {
    const view = await loadView();
    if (!(await view.answers())) return unknown(`no name server of ${zone} answers with authority`);
    const reader = new CnameReader(view, signal);
    const cnames = await reader.readFrom(owners);
    reader.tell(log);
    return cnames;
  } catch (error) {
    if (!(error instanceof LanacmeError) || signal.aborted) throw error;
    return unknown(error.message);
  }
}

/** Reads chains; a name that several chains share is asked for once. */
class CnameReader {
  readonly #found = new Map<DnsName, string>();
  readonly #asked = new Set<DnsName>();
  /** Names that only a wildcard answers for: nothing stands in the way there. */
  readonly #fromWildcards: DnsName[] = [];
  /** Names in the zone that no server has authority for. */
  readonly #unanswered: DnsName[] = [];
  readonly #view: ZoneView;
  readonly #signal: AbortSignal;

  constructor(view: ZoneView, signal: AbortSignal) {
    this.#view = view;
    this.#signal = signal;
  }

  async readFrom(owners: readonly DnsName[]): Promise<ReadonlyMap<DnsName, string>> {
    await inFlight(owners, atMostAsked, async (owner) => {
      await this.#follow(owner);
    });
    return this.#found;
  }

  /** What is worth a word, a line for all names alike. */
  tell(log: Log): void {
    if (this.#fromWildcards.length > 0) {
      const names = firstOf(this.#fromWildcards);
      log.info(`a wildcard CNAME answers for ${names}: the challenge takes its place while it is published`);
    }
    if (this.#unanswered.length > 0) {
      const nobody = `no name server of ${this.#view.zone} answers with authority for ${firstOf(this.#unanswered)}`;
      log.warn(
        `${nobody}: in a sub-zone that is delegated to other servers the CA will not see the challenge`,
      );
    }
  }

  /** One further than is allowed, so that the plan sees that the chain is too long. */
  async #follow(owner: DnsName): Promise<void> {
    let place: string | undefined = owner;
    for (let hops = 0; hops <= longestChain; hops += 1) {
      if (place === undefined || !isDnsName(place) || this.#asked.has(place)) return;
      this.#asked.add(place);
      const target = await this.#cnameAt(place);
      if (target !== undefined) this.#found.set(place, target);
      place = target;
    }
  }

  async #cnameAt(name: DnsName): Promise<string | undefined> {
    const answer = await this.#view.ask(name, 'CNAME', this.#signal);
    if (answer === undefined && isInZone(name, this.#view.zone)) this.#unanswered.push(name);
    const target = answer?.records[0];
    if (target === undefined || !(await this.#isFromWildcard(name, target))) return target;
    this.#fromWildcards.push(name);
    return undefined;
  }

  /**
   * A wildcard such as `*.lan.example CNAME host` answers for every name that does not exist, so also for a name below
   * this one; below a CNAME that really stands there, nothing can answer (RFC 4592 §2.2.1, RFC 1034 §3.6.2). A record
   * written at a name overrides the wildcard.
   */
  async #isFromWildcard(name: DnsName, target: string): Promise<boolean> {
    const below = `x.${name}`;
    if (!isDnsName(below)) return false;
    const answer = await this.#view.ask(below, 'CNAME', this.#signal);
    return answer?.records[0] === target;
  }
}
