/** The words that the CA's rows are written in. */
import type { AcmeFault, AcmeFaultRule, CaAnswer, Problem } from '../../world/acme-faults.ts';
import type { AcmeResource } from '../../world/pebble-log.ts';
import type { Scene, Variables } from './fault-row.ts';

type Headers = Readonly<Record<string, string>>;

/** What makes a scene out of a script for its CA. */
export type CaScript = (scene: Scene) => Variables;

export function ca(...rules: readonly AcmeFaultRule[]): CaScript {
  return (scene) => {
    for (const rule of rules) scene.ca.faults.add(rule);
    return {};
  };
}

export const forEver = { times: Infinity } as const;

export function strike(
  resource: AcmeResource,
  fault: AcmeFault,
  when: Pick<AcmeFaultRule, 'nth' | 'times'> = {},
): CaScript {
  return ca({ resource, fault, ...when });
}

/** What stands before the CA answers in its place. */
export function page(status: number, headers: Headers = {}): AcmeFault {
  return { kind: 'page', status, headers };
}

export function problem(status: number, document: Problem, headers: Headers = {}): AcmeFault {
  return { kind: 'problem', status, problem: document, headers };
}

export function changed(change: (answer: CaAnswer) => CaAnswer | Promise<CaAnswer>): AcmeFault {
  return { kind: 'changed', change };
}

/** The answer with other members in its JSON. */
export function members(replaced: object, headers: Headers = {}): AcmeFault {
  return changed((answer) => ({
    ...answer,
    headers: { ...answer.headers, ...headers },
    body: JSON.stringify({ ...(JSON.parse(answer.body) as object), ...replaced }),
  }));
}

/** The same for orders that have been finalized, however often they were polled before; at most so many times. */
export function finalized(replaced: object, headers: Headers = {}, times = Infinity): AcmeFault {
  let left = times;
  return changed((answer) => {
    const order = JSON.parse(answer.body) as { readonly status: string };
    if (!['processing', 'valid'].includes(order.status) || left <= 0) return answer;
    left -= 1;
    return {
      ...answer,
      headers: { ...answer.headers, ...headers },
      body: JSON.stringify({ ...order, ...replaced }),
    };
  });
}

export function contentType(type: string): AcmeFault {
  return changed((answer) => ({ ...answer, headers: { ...answer.headers, 'content-type': type } }));
}

/** For Retry-After: so many seconds from now. */
export function httpDate(seconds: number): string {
  return new Date(Date.now() + seconds * 1000).toUTCString();
}

export const problemPrefix = 'urn:ietf:params:acme:error:';

/** In the words of Let's Encrypt. */
export const exactSetLimit: Problem = {
  type: 'rateLimited',
  detail:
    'too many certificates (5) already issued for this exact set of identifiers in the last 168h0m0s, retry after 2026-11-24 08:00:00 UTC: see https://letsencrypt.org/docs/rate-limits/',
};
