import { LanacmeError } from '../errors.ts';
import type { AcmeAuthorization, AcmeOrder } from './acme-objects.ts';
import { byName, challengeError, type ProblemContext, problemError, shownName } from './acme-problem.ts';

/** For what a failure says. */
type StepContext = Pick<ProblemContext, 'now' | 'accountUrl'>;

/** What an order needs next. */
export type OrderStep =
  | { readonly kind: 'answer'; readonly authorizations: readonly AcmeAuthorization[] }
  | { readonly kind: 'wait' }
  | { readonly kind: 'finalize' }
  | { readonly kind: 'download'; readonly certificateUrl: string }
  | { readonly kind: 'failed'; readonly error: LanacmeError };

/**
 * The next step of an order (RFC 8555 §7.1.6): its pending authorizations are to be answered, it is to be waited for,
 * finalized, downloaded, or it has failed and why. A failure names the validations that failed if `authorizations`
 * are as fresh as the order: read them again once an order is invalid, then ask once more.
 *
 * @param answered URLs of the authorizations whose challenge this run has already answered.
 */
export function nextOrderStep(
  order: AcmeOrder,
  authorizations: readonly AcmeAuthorization[],
  answered: ReadonlySet<string>,
  context: StepContext,
): OrderStep {
  switch (order.status) {
    case 'pending':
      return pendingStep(order, authorizations, answered, context);
    // Every authorization is valid: a new order can come back like this at once.
    case 'ready':
      return { kind: 'finalize' };
    case 'processing':
      return { kind: 'wait' };
    case 'valid':
      return validStep(order);
    case 'invalid':
      return { kind: 'failed', error: orderError(order, authorizations, context) };
  }
}

function pendingStep(
  order: AcmeOrder,
  authorizations: readonly AcmeAuthorization[],
  answered: ReadonlySet<string>,
  context: StepContext,
): OrderStep {
  if (authorizations.some(isDead)) {
    return { kind: 'failed', error: orderError(order, authorizations, context) };
  }
  const open = authorizations.filter(({ status, url }) => status === 'pending' && !answered.has(url));
  const unanswerable = open.filter((authorization) => dnsChallenge(authorization) === undefined);
  if (unanswerable.length > 0) return { kind: 'failed', error: noDnsChallenge(unanswerable) };
  const unanswered = open.filter((authorization) => dnsChallenge(authorization)?.status === 'pending');
  return unanswered.length > 0 ? { kind: 'answer', authorizations: unanswered } : { kind: 'wait' };
}

function validStep({ url, certificateUrl }: AcmeOrder): OrderStep {
  if (certificateUrl !== undefined) return { kind: 'download', certificateUrl };
  const error = new LanacmeError('acme.bad-answer', `the order ${url} is valid but names no certificate`, {
    hint: 'the CA breaks RFC 8555 §7.1.3: run again, and report it to the CA if it stays so',
  });
  return { kind: 'failed', error };
}

function orderError(
  order: AcmeOrder,
  authorizations: readonly AcmeAuthorization[],
  context: StepContext,
): LanacmeError {
  const ca = new URL(order.url).host;
  const dead = authorizations.filter(isDead);
  if (dead.length > 0) return challengeError(dead, { ca, ...context });
  const asked = `the order for ${order.domains.join(', ')}`;
  if (order.error !== undefined) return problemError(order.error, { ca, asked, ...context });
  return new LanacmeError('acme.order-failed', `${asked} is invalid; ${ca} gives no reason`, {
    hint: 'run again: it starts a new order',
    details: [order.url],
  });
}

function noDnsChallenge(unanswerable: readonly AcmeAuthorization[]): LanacmeError {
  const authorizations = [...unanswerable].sort(byName);
  const names = authorizations.map(shownName).join(', ');
  return new LanacmeError('acme.no-dns-challenge', `the CA offers no dns-01 challenge for ${names}`, {
    hint: 'lanacme proves control by DNS only: use a CA that offers dns-01 for these names',
    details: authorizations.map(
      (authorization) =>
        `${shownName(authorization)}: offered are ${offered(authorization).join(', ') || 'none'}`,
    ),
  });
}

/** Sorted, for some CAs shuffle. */
function offered({ challenges }: AcmeAuthorization): readonly string[] {
  return challenges.map(({ type }) => type).sort();
}

function dnsChallenge(authorization: AcmeAuthorization): AcmeAuthorization['challenges'][number] | undefined {
  return authorization.challenges.find(({ type }) => type === 'dns-01');
}

/** Neither valid nor on the way to it: an authorization never comes back from these (RFC 8555 §7.1.6). */
function isDead({ status }: AcmeAuthorization): boolean {
  return status !== 'pending' && status !== 'valid';
}
