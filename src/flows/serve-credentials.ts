import {
  credentialsAnswer,
  type EndpointAnswer,
  type EndpointRequest,
  endpointPath,
  failureAnswer,
  refusedRequest,
} from '../core/credentials-endpoint.ts';
import { asLanacmeErrors } from '../errors.ts';
import type { Listening, ServePorts } from '../ports/serve-credentials.ts';
import type { Clock } from '../ports.ts';
import { SessionKeeper } from './keep-session.ts';
import { TokenReader } from './read-token.ts';

export interface ServeRequest {
  /** Of the sessions, where it is known. */
  readonly roleArn?: string;
}

/** systemd starts the next run when somebody asks again. */
const longestIdleMs = 5 * 60_000;
/** Who asked waits no longer than this for an answer when the run is to end. */
const drainMs = 2000;

/**
 * Hands out credentials on loopback until the signal aborts, or, where systemd holds the sockets, until nobody has asked
 * for five minutes.
 *
 * @throws the signal's reason · LanacmeError if the sockets or the token cannot be had.
 */
export async function serveCredentials(
  { roleArn }: ServeRequest,
  ports: ServePorts,
  signal: AbortSignal,
): Promise<void> {
  const { clock, log } = ports;
  const tokens = new TokenReader(ports);
  const file = await tokens.first();
  const ending = new AbortController();
  const keeper = new SessionKeeper(await ports.source(), ports, AbortSignal.any([signal, ending.signal]));
  const activity = new Activity(clock);
  const answer = async (request: EndpointRequest): Promise<EndpointAnswer> => {
    const refused = refusedRequest(request, await tokens.now());
    if (refused !== undefined) {
      log.debug('refused a request', { status: refused.status, method: request.method });
      return refused;
    }
    try {
      return credentialsAnswer(await keeper.session(), roleArn);
    } catch (error) {
      const [failure] = asLanacmeErrors(error);
      if (failure === undefined) throw error;
      return failureAnswer(failure);
    }
  };
  const listening = await ports.server.listen(async (request) => await activity.during(answer(request)));
  try {
    for (const origin of listening.origins)
      log.info(`credentials for who has the token: ${origin}${endpointPath}`);
    log.info(`the token is in ${file}`);
    await untilOver(listening, activity, clock, signal);
    log.info('nobody has asked for five minutes: ending, systemd starts the next run');
  } finally {
    await listening.close(clock.deadline(drainMs));
    ending.abort();
  }
}

async function untilOver(
  { isActivated }: Listening,
  activity: Activity,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const idleMs = activity.idleMs();
    if (isActivated && idleMs >= longestIdleMs) return;
    await clock.sleep(isActivated ? longestIdleMs - idleMs : longestIdleMs, signal);
  }
}

/** When something was last done for somebody. */
class Activity {
  readonly #clock: Clock;
  #now = 0;
  #lastMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#lastMs = clock.now().getTime();
  }

  async during<T>(work: Promise<T>): Promise<T> {
    this.#now += 1;
    try {
      return await work;
    } finally {
      this.#now -= 1;
      this.#lastMs = this.#clock.now().getTime();
    }
  }

  idleMs(): number {
    return this.#now > 0 ? 0 : Math.max(0, this.#clock.now().getTime() - this.#lastMs);
  }
}
