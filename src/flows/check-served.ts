import type { CertificateFacts } from '../core/certificate-facts.ts';
import type { ServedState } from '../core/certificate-record.ts';
import { checkTarget, leafProblem } from '../core/served-certificate.ts';
import { LanacmeError } from '../errors.ts';
import type { Clock, ServedAnswer, ServedLeaf } from '../ports.ts';

export interface ServedPorts {
  readonly served: ServedLeaf;
  readonly clock: Clock;
}

/** What must be served. */
export interface ServedWanted {
  readonly targets: readonly string[];
  /** PEM. */
  readonly leaf: string;
  readonly facts: CertificateFacts;
}

/** A reload takes a moment: so long it is asked again, in milliseconds. */
const pauses = [250, 500, 1_000, 2_000, 3_000, 3_250];

/** Asks each server until it serves the leaf on every address, or about ten seconds are over. */
export async function checkServed(
  wanted: ServedWanted,
  ports: ServedPorts,
  signal: AbortSignal,
): Promise<ServedState['checks']> {
  return await Promise.all(
    wanted.targets.map(async (target) => {
      const problem = await problemOf(target, wanted, ports, signal);
      return problem === undefined ? { target } : { target, problem };
    }),
  );
}

async function problemOf(
  target: string,
  wanted: ServedWanted,
  ports: ServedPorts,
  signal: AbortSignal,
): Promise<string | undefined> {
  let problem = await problemNow(target, wanted, ports, signal);
  for (const pause of pauses) {
    if (problem === undefined) return undefined;
    await ports.clock.sleep(pause, signal);
    problem = await problemNow(target, wanted, ports, signal);
  }
  return problem;
}

async function problemNow(
  target: string,
  { leaf, facts }: ServedWanted,
  { served }: ServedPorts,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { address, serverName } = checkTarget(target, facts.domains);
  const answers = await served.ask(address, serverName, signal);
  const problems = answers.flatMap((answer) => problemIn(answer, leaf) ?? []);
  return problems.length === 0 ? undefined : problems.join('; ');
}

function problemIn(answer: ServedAnswer, leaf: string): string | undefined {
  const problem = answer.kind === 'leaf' ? leafProblem(answer.leaf, leaf) : answer.reason;
  return problem === undefined ? undefined : `${answer.address} ${problem}`;
}

/** The checks that failed as one failure; nothing if none did. */
export function notServed(
  name: string,
  { version, checks }: Pick<ServedState, 'version' | 'checks'>,
): LanacmeError | undefined {
  const details = checks.flatMap(({ target, problem }) =>
    problem === undefined ? [] : `${target}: ${problem}`,
  );
  if (details.length === 0) return undefined;
  const message = `version ${version} of ${name} is not served: ${details[0]}`;
  return new LanacmeError('deploy.not-served', message, {
    hint: 'see whether the server loads it (its log, its configuration); the next run of lanacme runs the hooks and looks again',
    details: details.slice(1),
  });
}
