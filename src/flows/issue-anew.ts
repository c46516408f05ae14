import { asLanacmeErrors, type LanacmeError, SeveralErrors } from '../errors.ts';
import { aroundOrders } from './around-orders.ts';
import type { IssueOutcome, IssuePorts, IssueRequest, Judged } from './issue-request.ts';
import { OrderingSession } from './ordering-session.ts';
import { removeLeftovers } from './remove-leftovers.ts';
import { replaceCertificate } from './replace-certificate.ts';

/**
 * What `issue` does once it has something to do, with the lock held: what earlier runs left is removed first.
 *
 * @throws LanacmeError or SeveralErrors for whatever kept the certificate from being there.
 */
export async function issueAnew(
  seen: Judged,
  request: IssueRequest,
  ports: IssuePorts,
  signal: AbortSignal,
): Promise<IssueOutcome> {
  const left = await removeLeftovers(request.zone, ports, signal);
  try {
    const session = new OrderingSession(request.zone, ports, signal);
    const replace = async (): Promise<IssueOutcome> =>
      await replaceCertificate(seen, request, ports, session, signal);
    if (seen.verdict.kind !== 'order') return withErrors(await replace(), left);
    const { value, errors } = await aroundOrders([request.name], ports, signal, replace);
    return withErrors(value, [...left, ...errors]);
  } catch (error) {
    throw left.length === 0 ? error : new SeveralErrors([...asLanacmeErrors(error), ...left]);
  }
}

function withErrors(outcome: IssueOutcome, aside: readonly LanacmeError[]): IssueOutcome {
  return { ...outcome, errors: [...aside, ...outcome.errors] };
}
