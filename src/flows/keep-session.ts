import type { SessionCredentials } from '../core/session-answer.ts';
import { isResting, type SessionFailure } from '../core/session-failure.ts';
import { type KeptSession, requireSession, sessionAge } from '../core/session-life.ts';
import { asLanacmeErrors } from '../errors.ts';
import type { Clock, CredentialsSource, Log } from '../ports.ts';

/** The same failure is told again after this. */
const silentMs = 60_000;
/** How long an SDK waits for an answer: the one for JavaScript a second, botocore two. */
const patienceMs = 800;

/**
 * One session for everybody who asks, in memory: one request upstream however many ask at once, and the next before the
 * end. While AWS cannot be reached, what is still good is handed out, and never anything else; and it is asked again only
 * after a pause.
 *
 * @param signal of the whole run: who asked may go away, the others still want the answer.
 */
export class SessionKeeper {
  readonly #source: CredentialsSource;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #signal: AbortSignal;
  #kept: KeptSession | undefined;
  #pending: Promise<SessionCredentials> | undefined;
  #failed: SessionFailure | undefined;
  #told: { readonly message: string; readonly at: number } | undefined;

  constructor(source: CredentialsSource, { clock, log }: SessionKeeperPorts, signal: AbortSignal) {
    this.#source = source;
    this.#clock = clock;
    this.#log = log;
    this.#signal = signal;
  }

  /** @throws LanacmeError what AWS said, if there is nothing good to hand out. */
  async session(): Promise<SessionCredentials> {
    const kept = this.#kept;
    if (kept === undefined) return await this.#renewOnce();
    switch (sessionAge(kept, this.#clock.now())) {
      case 'over':
        return await this.#renewOnce();
      case 'ending':
        return await Promise.race([this.#renewed(kept), this.#afterPatience(kept)]);
      case 'ageing':
        // What there is will do. A failure was told.
        this.#renewed(kept).catch(() => undefined);
        return kept.credentials;
      case 'fresh':
        return kept.credentials;
    }
  }

  /** The next session, else the one that there is while it lasts. */
  async #renewed(kept: KeptSession): Promise<SessionCredentials> {
    try {
      return await this.#renewOnce();
    } catch (error) {
      if (sessionAge(kept, this.#clock.now()) === 'over') throw error;
      return kept.credentials;
    }
  }

  /** The session when nobody who asked would wait any longer; never if it is over by then. */
  async #afterPatience(kept: KeptSession): Promise<SessionCredentials> {
    const patience = this.#clock.deadline(patienceMs);
    return await new Promise((resolve) => {
      patience.addEventListener('abort', () => {
        if (sessionAge(kept, this.#clock.now()) !== 'over') resolve(kept.credentials);
      });
    });
  }

  async #renewOnce(): Promise<SessionCredentials> {
    const failed = this.#failed;
    if (failed !== undefined && isResting(failed, this.#kept, this.#clock.now())) throw failed.error;
    this.#pending ??= this.#renew().finally(() => {
      this.#pending = undefined;
    });
    return await this.#pending;
  }

  async #renew(): Promise<SessionCredentials> {
    try {
      const credentials = requireSession(await this.#source(this.#signal), this.#clock.now());
      this.#kept = { credentials, since: this.#clock.now() };
      this.#failed = undefined;
      this.#told = undefined;
      this.#log.info(`new AWS credentials, good until ${credentials.expiration.toISOString()}`);
      return credentials;
    } catch (error) {
      const at = this.#clock.now();
      this.#failed = { error, at, times: (this.#failed?.times ?? 0) + 1 };
      if (!this.#signal.aborted) this.#tell(error, at.getTime());
      throw error;
    }
  }

  /** Once for all who wait for it, and then once a minute: what is found on this host is found for each who asks. */
  #tell(failure: unknown, at: number): void {
    const message = failure instanceof Error ? failure.message : '';
    const since = at - (this.#told?.at ?? 0);
    if (this.#told?.message === message && since >= 0 && since < silentMs) return;
    this.#told = { message, at };
    for (const { message, code, hint, details } of asLanacmeErrors(failure)) {
      this.#log.warn(message, { code, ...(details.length > 0 ? { details } : {}), hint });
    }
  }
}

interface SessionKeeperPorts {
  readonly clock: Clock;
  readonly log: Log;
}
