import { LanacmeError } from '../errors.ts';
import type { DnsName } from './names.ts';

interface Candidate {
  readonly id: string;
  readonly isPrivate: boolean;
}

/**
 * The one public hosted zone among those with the LAN zone's name. Private zones are invisible to a CA; of several
 * public ones only one is delegated to, and Route 53 does not say which (`reference/route53.md` §1).
 *
 * @throws LanacmeError `route53.zone-not-found`, `route53.zone-private` or `route53.zone-ambiguous`.
 */
export function chooseHostedZone(zone: DnsName, candidates: readonly Candidate[]): string {
  const visible = candidates.filter((candidate) => !candidate.isPrivate);
  const [only] = visible;
  if (only !== undefined && visible.length === 1) return only.id;
  const ids = (visible.length > 0 ? visible : candidates).map((candidate) => candidate.id).join(', ');
  if (visible.length > 1) {
    throw new LanacmeError(
      'route53.zone-ambiguous',
      `there are ${visible.length} public hosted zones named ${zone}: ${ids}`,
      {
        hint: `find the one whose name servers the parent zone delegates to, and set --zone-id to it`,
      },
    );
  }
  if (candidates.length > 0) {
    throw new LanacmeError('route53.zone-private', `the only hosted zone named ${zone} is private: ${ids}`, {
      hint: 'a public CA never sees a private zone: make a public hosted zone for the challenge records and delegate to it',
    });
  }
  throw new LanacmeError('route53.zone-not-found', `this AWS account has no hosted zone named ${zone}`, {
    hint: 'check --zone and the account that the role belongs to, or set --zone-id',
  });
}
