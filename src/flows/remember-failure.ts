import { recordFailure } from '../core/failed-attempt.ts';
import { asLanacmeErrors, type LanacmeError } from '../errors.ts';
import type { IssuePorts, IssueRequest } from './issue-request.ts';
import type { AttemptProgress } from './order-certificate.ts';

/**
 * Notes the failure, so that `status` tells of it. A mistake in what was typed makes no certificate that `renew` would
 * want for ever: nothing was sent anywhere. Returns what kept it from being noted: that must not hide the
 * failure itself.
 */
export async function rememberFailure(
  request: IssueRequest,
  error: unknown,
  { reachedCa }: AttemptProgress,
  ports: IssuePorts,
): Promise<readonly LanacmeError[]> {
  const [first] = asLanacmeErrors(error);
  if (first === undefined || first.code === 'run.interrupted') return [];
  try {
    const before = await ports.certificates.record(request.name);
    if (before === undefined && first.outcome === 'usage') return [];
    const { name, spec, terms, deployHooks } = request;
    const attempt = { reachedCa, at: ports.clock.now(), chance: ports.random.number(), error: first };
    const record = recordFailure(before, { name, spec, terms, deployHooks, ...attempt });
    await ports.certificates.saveRecord(record);
    return [];
  } catch (notNoted) {
    // A full disk is often the failure itself: it is told once.
    return asLanacmeErrors(notNoted).filter(({ message }) => message !== first.message);
  }
}
