import type { HooksConfig } from '../config/config.ts';
import type { DeployTerms } from '../flows/deployment-situation.ts';

/** How the hooks and checks that a command was given are used. */
export function deployTerms(
  { deploy, checks, rollbackOnFailure, skip }: HooksConfig,
  eagerness: Pick<DeployTerms, 'force' | 'heedsBackoff'>,
): DeployTerms {
  return {
    deployHooks: deploy,
    ...(checks === undefined ? {} : { checks }),
    ...(rollbackOnFailure === undefined ? {} : { rollbackOnFailure }),
    skip,
    ...eagerness,
  };
}
