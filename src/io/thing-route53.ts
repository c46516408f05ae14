import { explainDenied, thingNameHint, thingNameProblem } from '../core/thing-name.ts';
import { LanacmeError } from '../errors.ts';
import type { Log, Route53 } from '../ports.ts';

/**
 * Route 53 as a thing of AWS IoT uses it. A name that fails with policies for each thing, and works with others, is
 * told when credentials are fetched; it is told again, as the likely cause, when Route 53 denies a change.
 */
export function thingRoute53(route53: Route53, thingName: string | undefined, log: Log): Route53 {
  const problem = thingName === undefined ? undefined : thingNameProblem(thingName);
  let isTold = problem === undefined;
  return {
    ...route53,
    signIn: async (signal) => {
      if (!isTold) log.warn(problem ?? '', { hint: thingNameHint });
      isTold = true;
      await route53.signIn(signal);
    },
    change: async (batch, signal) => {
      try {
        return await route53.change(batch, signal);
      } catch (error) {
        throw error instanceof LanacmeError ? explainDenied(error, thingName) : error;
      }
    },
  };
}
