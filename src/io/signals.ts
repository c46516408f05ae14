import { LanacmeError } from '../errors.ts';

const ending = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
type EndingSignal = (typeof ending)[number];

/** The part of `process` that is needed here. */
export interface SignalSource {
  readonly pid: number;
  on(signal: EndingSignal, listener: (signal: EndingSignal) => void): unknown;
  removeAllListeners(signal: EndingSignal): unknown;
  kill(pid: number, signal: EndingSignal): unknown;
}

export interface Interruption {
  /** Aborts at the first signal, with `run.interrupted` as its reason. */
  readonly signal: AbortSignal;
  /** Dies by the signal that came, as a shell and systemd expect it; does nothing if none came. */
  dieBySignal(): void;
}

/** The first SIGINT, SIGTERM or SIGHUP asks the run to clean up; a second one ends it at once, the journal kept. */
export function listenForSignals(source: SignalSource): Interruption {
  const controller = new AbortController();
  let came: EndingSignal | undefined;
  const die = (signal: EndingSignal): void => {
    for (const each of ending) source.removeAllListeners(each);
    source.kill(source.pid, signal);
  };
  for (const each of ending) {
    source.on(each, (signal) => {
      if (came !== undefined) {
        die(signal);
        return;
      }
      came = signal;
      controller.abort(interrupted(signal));
    });
  }
  return {
    signal: controller.signal,
    dieBySignal: () => {
      if (came !== undefined) die(came);
    },
  };
}

function interrupted(signal: EndingSignal): LanacmeError {
  return new LanacmeError('run.interrupted', `interrupted by ${signal}`, {
    hint: 'run it again to go on',
  });
}
