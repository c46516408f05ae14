import { type CaaObstacle, type CaaRecord, caaObstacle } from './caa.ts';
import { type Domain, displayName } from './names.ts';
import type { Finding } from './preflight-finding.ts';

/** The record set that is relevant for a domain (RFC 8659 §3). */
export interface RelevantCaa {
  readonly domain: Domain;
  /** The name that the set stands at: the domain's own, or the closest above it that has one. */
  readonly at: string;
  readonly records: readonly CaaRecord[];
}

/** One finding for all domains that the same set forbids for the same reason. */
export function caaFindings(
  relevant: readonly RelevantCaa[],
  identities: readonly string[],
  accountUrl: string,
): readonly Finding[] {
  const [identity] = identities;
  if (identity === undefined) return [];
  const forbidden = new Map<string, { finding: (names: string) => Finding; domains: Domain[] }>();
  for (const { domain, at, records } of relevant) {
    const isWildcard = domain.startsWith('*.');
    const obstacle = caaObstacle(records, { identities, isWildcard, accountUrl });
    if (obstacle === undefined) continue;
    const key = JSON.stringify([at, isWildcard, obstacle]);
    const entry = forbidden.get(key) ?? {
      finding: (names) => findingOf({ at, isWildcard, obstacle, identity, accountUrl }, names),
      domains: [],
    };
    entry.domains.push(domain);
    forbidden.set(key, entry);
  }
  return [...forbidden.values()].map(({ finding, domains }) => finding(shown(domains)));
}

interface Forbidden {
  readonly at: string;
  readonly isWildcard: boolean;
  readonly obstacle: CaaObstacle;
  readonly identity: string;
  readonly accountUrl: string;
}

function findingOf({ at, isWildcard, obstacle, identity, accountUrl }: Forbidden, names: string): Finding {
  const record = `${at} CAA 0 ${isWildcard ? 'issuewild' : 'issue'} "${identity}`;
  const { why, hint } = ((): { why: string; hint: string } => {
    switch (obstacle.kind) {
      case 'other-issuers': {
        const only = obstacle.issuers.length === 0 ? 'nobody' : `only ${obstacle.issuers.join(', ')}`;
        return { why: `it allows ${only}`, hint: `add ${record}"` };
      }
      case 'other-account':
        return {
          why: `it names the account ${obstacle.accounts.join(', ')}`,
          hint: `add ${record}; accounturi=${accountUrl}", which is the account of this host`,
        };
      case 'other-methods':
        return {
          why: `it allows only validation by ${obstacle.methods}`,
          hint: `add ${record}; validationmethods=dns-01"`,
        };
      case 'unknown-critical':
        return {
          why: `its property ${obstacle.tag} is critical, and CAs do not know it`,
          hint: 'take the critical flag (128) from that record',
        };
    }
  })();
  return {
    weight: 'stops',
    code: 'dns.caa-forbids',
    message: `the CAA records at ${at} forbid ${identity} to issue for ${names}: ${why}`,
    hint,
  };
}

function shown([first, ...others]: readonly Domain[]): string {
  const name = first === undefined ? '' : displayName(first);
  return others.length === 0 ? name : `${name} and ${others.length} more`;
}
