/**
 * Every failure that lanacme knows: a closed list of stable codes, one sentence, one hint.
 *
 * Adapters turn foreign errors into these and keep the cause; nothing is swallowed. The code is part of the
 * contract (`--json` prints it): add codes, never rename one.
 */
export type ErrorCode =
  // what the user wrote
  | 'config.unknown-command'
  | 'config.unknown-option'
  | 'config.unexpected-argument'
  | 'config.unknown-variable'
  | 'config.invalid-value'
  | 'config.missing'
  | 'config.duplicate'
  | 'config.conflict'
  | 'config.env-file-unreadable'
  | 'config.env-file-syntax'
  | 'config.not-in-this-version'
  | 'config.secret-in-argv'
  | 'names.invalid'
  | 'names.outside-zone'
  | 'names.differ'
  | 'names.alias-not-listed'
  | 'certificate.staging-over-production'
  | 'certificate.unknown'
  // AWS credentials
  | 'credentials.none-found'
  | 'credentials.file-unreadable'
  | 'credentials.key-exposed'
  | 'credentials.key-invalid'
  | 'credentials.key-mismatch'
  | 'credentials.certificate-invalid'
  | 'credentials.certificate-expired'
  | 'credentials.certificate-not-yet-valid'
  | 'credentials.unreachable'
  | 'credentials.server-untrusted'
  | 'credentials.certificate-refused'
  | 'credentials.thing-name-refused'
  | 'credentials.access-denied'
  | 'credentials.role-alias-missing'
  | 'credentials.role-not-assumable'
  | 'credentials.duration-too-long'
  | 'credentials.wrong-endpoint'
  | 'credentials.throttled'
  | 'credentials.server-error'
  | 'credentials.bad-answer'
  | 'credentials.already-expired'
  | 'credentials.output-unwritable'
  // Route 53 and the zone
  | 'guard.refused'
  | 'route53.zone-not-found'
  | 'route53.zone-private'
  | 'route53.zone-ambiguous'
  | 'route53.access-denied'
  | 'route53.session-refused'
  | 'route53.clock-skew'
  | 'route53.throttled'
  | 'route53.batch-refused'
  | 'route53.cname-in-the-way'
  | 'route53.other-routing'
  | 'route53.too-many-sets'
  | 'route53.lost-race'
  | 'route53.set-too-large'
  | 'route53.unreachable'
  | 'route53.server-untrusted'
  | 'route53.refused'
  | 'route53.server-error'
  | 'route53.bad-answer'
  | 'route53.unknown-change'
  | 'route53.not-insync'
  | 'dns.not-served'
  | 'dns.unreachable'
  // before an order
  | 'dns.server-unreachable'
  | 'dns.server-without-authority'
  | 'dns.not-delegated'
  | 'dns.delegation-differs'
  | 'dns.ds-without-key'
  | 'dns.caa-forbids'
  | 'order.wildcard-covers-name'
  | 'order.too-many-names'
  // the CA
  | 'acme.unreachable'
  | 'acme.server-untrusted'
  | 'acme.bad-answer'
  | 'acme.server-error'
  | 'acme.rate-limited'
  | 'acme.terms-not-agreed'
  | 'acme.external-account-required'
  | 'acme.account-missing'
  | 'acme.user-action-required'
  | 'acme.profile-not-offered'
  | 'acme.name-rejected'
  | 'acme.caa'
  | 'acme.challenge-failed'
  | 'acme.no-dns-challenge'
  | 'acme.already-replaced'
  | 'acme.order-failed'
  | 'acme.order-timeout'
  | 'acme.refused'
  | 'acme.chain-not-offered'
  | 'certificate.unusable'
  // this host
  | 'state.locked'
  | 'state.lock-failed'
  | 'state.unreadable'
  | 'state.unwritable'
  | 'state.broken'
  | 'state.newer-version'
  | 'state.unsafe'
  | 'hook.failed'
  | 'hook.timed-out'
  | 'hook.not-started'
  | 'hook.unsafe'
  | 'deploy.not-served'
  // years without a hand
  | 'renew.backing-off'
  | 'clock.wrong'
  | 'ledger.limit-reached'
  | 'acme.told-to-wait'
  | 'acme.already-revoked'
  | 'certificate.expires-soon'
  | 'certificate.revoked'
  | 'certificate.missing'
  | 'certificate.not-deployed'
  | 'certificate.no-earlier-version'
  | 'metrics.unwritable'
  | 'systemd.program-unsafe'
  | 'systemd.file-foreign'
  | 'systemd.packaged'
  | 'systemd.command-failed'
  | 'import.not-found'
  | 'import.unreadable'
  | 'import.unsafe'
  | 'import.key-type'
  | 'import.name-taken'
  // sessions of Roles Anywhere
  | 'credentials.seed-invalid'
  | 'credentials.certificate-ends-soon'
  | 'session.not-legitimate'
  | 'session.unverifiable'
  | 'session.bad-event'
  | 'session.bad-seeds'
  // the endpoint for credentials
  | 'credentials.not-temporary'
  | 'endpoint.unavailable'
  | 'endpoint.not-loopback'
  | 'endpoint.token-unusable'
  // IAM Roles Anywhere
  | 'credentials.chain-invalid'
  | 'credentials.certificate-unfit'
  | 'credentials.trust-anchor-missing'
  | 'credentials.profile-missing'
  | 'credentials.session-name-refused'
  | 'credentials.attributes-refused'
  | 'credentials.signature-refused'
  | 'credentials.clock-skew'
  | 'credentials.request-refused'
  | 'run.interrupted'
  | 'internal.bug'
  | 'run.program-replaced';

/** How a failure ends the program: 1, 2 (nothing was sent anywhere) or 75 (told to wait). */
export type Outcome = 'failed' | 'usage' | 'wait';

export interface ErrorFacts {
  /** What the person can do about it: a sentence, or a command that can be typed. */
  readonly hint: string;
  readonly cause?: unknown;
  /** Further lines, one per identifier, change or problem; each already safe to print. */
  readonly details?: readonly string[];
  /** Default `failed`. */
  readonly outcome?: Outcome;
  /** For `wait`: the instant before which trying again is pointless. */
  readonly retryAt?: Date;
}

/** A failure with a stable code, one sentence without a capital or a period, and a hint. */
export class LanacmeError extends Error {
  override readonly name = 'LanacmeError';
  readonly code: ErrorCode;
  readonly hint: string;
  readonly details: readonly string[];
  readonly outcome: Outcome;
  readonly retryAt: Date | undefined;

  constructor(code: ErrorCode, message: string, facts: ErrorFacts) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    this.hint = facts.hint;
    this.details = facts.details ?? [];
    this.outcome = facts.outcome ?? 'failed';
    this.retryAt = facts.retryAt;
  }

  /** The same failure, with more to tell. */
  withDetails(more: readonly string[]): LanacmeError {
    return this.#with({ details: [...this.details, ...more] });
  }

  /** The same failure, with another hint. */
  withHint(hint: string): LanacmeError {
    return this.#with({ hint });
  }

  #with(changed: Partial<ErrorFacts>): LanacmeError {
    const { code, message, hint, cause, details, outcome, retryAt } = this;
    const facts = { hint, cause, details, outcome, ...(retryAt === undefined ? {} : { retryAt }) };
    return new LanacmeError(code, message, { ...facts, ...changed });
  }
}

/** Several failures at once: all problems of a configuration, or of several certificates. */
export class SeveralErrors extends Error {
  override readonly name = 'SeveralErrors';
  readonly errors: readonly LanacmeError[];

  constructor(errors: readonly LanacmeError[]) {
    super(errors.map((error) => error.message).join('; '));
    this.errors = errors;
  }
}

/** Any thrown thing as a list of ours; what is not ours is a bug and says so, with its cause kept. */
export function asLanacmeErrors(thrown: unknown): readonly LanacmeError[] {
  if (thrown instanceof SeveralErrors) return thrown.errors;
  if (thrown instanceof LanacmeError) return [thrown];
  const said = thrown instanceof Error ? thrown.message : String(thrown);
  if (isPartMissing(thrown)) {
    const message = `a part of lanacme is not there any more: ${said}`;
    const hint = 'it was replaced or removed while this run was under way: run it again';
    return [new LanacmeError('run.program-replaced', message, { hint, cause: thrown })];
  }
  return [
    new LanacmeError('internal.bug', `unexpected failure: ${said}`, {
      hint: 'this is a bug in lanacme: please report it with the output of --log-level debug',
      cause: thrown,
    }),
  ];
}

/** Parts of the program are loaded when they are needed: an upgrade meanwhile has others in their place. */
function isPartMissing(thrown: unknown): boolean {
  return thrown instanceof Error && 'code' in thrown && thrown.code === 'ERR_MODULE_NOT_FOUND';
}
