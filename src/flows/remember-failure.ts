import { recordFailure } from '../core/failed-attempt.ts';
import { rfc3339 } from '../core/rfc3339.ts';
import { asLanacmeErrors, type LanacmeError } from '../errors.ts';
import type { IssuePorts, IssueRequest } from './issue-request.ts';

/**
 * Notes the failure, so that `status` tells of it. Returns what kept it from being noted: that must not hide the
 * failure itself.
 */
export async function rememberFailure(
  request: IssueRequest,
  error: unknown,
  ports: IssuePorts,
): Promise<readonly LanacmeError[]> {
  const [first] = asLanacmeErrors(error);
  if (first === undefined || first.code === 'run.interrupted') return [];
  try {
    const before = await ports.certificates.record(request.name);
    const failed = { ...request, error: first, at: rfc3339(ports.clock.now()) };
    await ports.certificates.saveRecord(recordFailure(before, failed));
    return [];
  } catch (notNoted) {
    // A full disk is often the failure itself: it is told once.
    return asLanacmeErrors(notNoted).filter(({ message }) => message !== first.message);
  }
}
