import { LanacmeError } from '../errors.ts';
import type { CertificateFacts } from './certificate-facts.ts';
import type { CertificateSpec } from './certificate-record.ts';
import type { CertificateName } from './names.ts';
import { rfc3339 } from './rfc3339.ts';

declare const checked: unique symbol;

/** Variables for a hook. Only this file makes them: nothing secret, every value checked. */
export type HookEnvironment = Readonly<Record<string, string>> & { readonly [checked]: true };

/** A version that is in place and wants to be deployed. */
export interface DeployEvent {
  readonly name: CertificateName;
  readonly version: string;
  /** `STATE_DIR/live/NAME`. */
  readonly path: string;
  readonly facts: CertificateFacts;
  /** Nothing that root would believe. */
  readonly spec?: CertificateSpec;
}

/**
 * What a deploy hook is told: certbot's two variables, so that its hooks work unchanged, and ours.
 *
 * @throws LanacmeError `hook.not-started` if a value could pass for something else in a shell script.
 */
export function deployEnvironment({ name, version, path, facts, spec }: DeployEvent): HookEnvironment {
  const domains = facts.domains.join(' ');
  return checkedVariables({
    RENEWED_LINEAGE: path,
    RENEWED_DOMAINS: domains,
    LANACME_HOOK_EVENT: 'deploy',
    LANACME_HOOK_NAME: name,
    LANACME_HOOK_VERSION: version,
    LANACME_HOOK_PATH: path,
    LANACME_HOOK_DOMAINS: domains,
    LANACME_HOOK_SERIAL: facts.serial,
    LANACME_HOOK_NOT_BEFORE: rfc3339(facts.notBefore),
    LANACME_HOOK_NOT_AFTER: rfc3339(facts.notAfter),
    ...(spec === undefined ? {} : { LANACME_HOOK_KEY_TYPE: spec.keyType, LANACME_HOOK_SERVER: spec.server }),
  });
}

/** Before the first order of a run, and after the last. */
export interface RunEvent {
  readonly event: 'pre' | 'post';
  /** The certificates that are ordered. */
  readonly names: readonly CertificateName[];
}

/** What a hook around all orders of a run is told. */
export function runEnvironment({ event, names }: RunEvent): HookEnvironment {
  return checkedVariables({ LANACME_HOOK_EVENT: event, LANACME_HOOK_NAMES: names.join(' ') });
}

/** Scripts read variables line by line and print them: a control character is never meant. */
const unsafe = /\p{Cc}/u;

function checkedVariables(variables: Readonly<Record<string, string>>): HookEnvironment {
  const bad = Object.entries(variables).find(([, value]) => unsafe.test(value));
  if (bad === undefined) return variables as HookEnvironment;
  throw new LanacmeError(
    'hook.not-started',
    `the hook cannot be told ${bad[0]}: its value holds a control character`,
    {
      hint: 'take the control character out of the path or name that it comes from',
    },
  );
}
