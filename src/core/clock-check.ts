import { LanacmeError } from '../errors.ts';
import { offsetWords, setClock } from './clock-offset.ts';
import { rfc3339 } from './rfc3339.ts';

/** What tells that a clock is wrong; what is absent tells nothing. */
export interface ClockEvidence {
  /** When this lanacme was built: it cannot be earlier now. */
  readonly builtAt?: Date | undefined;
  /** The newest thing that the state folder says has happened. */
  readonly newestKnown?: Date | undefined;
  /** The CA's clock minus this host's, in milliseconds. */
  readonly caOffsetMs?: number | undefined;
}

const minute = 60_000;
/** Two runs may follow a correction of some seconds by NTP. */
const backwardToleranceMs = minute;
const caToleranceMs = 10 * minute;

/**
 * Whether this host's clock is wrong, as that of a board without a battery is until the network has told the time. By
 * such a clock a good certificate has expired, or an expired one is good.
 *
 * @returns LanacmeError `clock.wrong`, to be thrown before any date is judged.
 */
export function wrongClock(now: Date, evidence: ClockEvidence): LanacmeError | undefined {
  const { builtAt, newestKnown, caOffsetMs } = evidence;
  const here = `the clock of this host says ${rfc3339(now)}`;
  if (builtAt !== undefined && now < builtAt) {
    return clockError(`${here}, before this lanacme was made (${rfc3339(builtAt)})`);
  }
  if (newestKnown !== undefined && now.getTime() < newestKnown.getTime() - backwardToleranceMs) {
    return clockError(`${here}, before what it has done already (${rfc3339(newestKnown)})`);
  }
  if (caOffsetMs !== undefined && Math.abs(caOffsetMs) > caToleranceMs) {
    return clockError(`${here}, which is ${offsetWords(caOffsetMs)} by the clock of the CA`);
  }
  return undefined;
}

function clockError(message: string): LanacmeError {
  return new LanacmeError('clock.wrong', message, {
    hint: `${setClock}; the next run goes on by itself once the time is right`,
    outcome: 'wait',
  });
}
