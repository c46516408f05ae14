import type { AwsOperation } from '../core/aws-operation.ts';
import { fullPace, type Pace, slowDown, takeTurn } from '../core/pacing.ts';
import type { Clock } from '../ports.ts';

/** Before every Route 53 request of the process. */
export interface Pacer {
  /** Resolves when the request may go: in the order in which they ask. */
  turn(operation: AwsOperation['name'], signal: AbortSignal): Promise<void>;
  /** Route 53 throttled one. */
  throttled(): void;
}

export function makePacer(clock: Clock): Pacer {
  const now = (): number => clock.now().getTime();
  let pace: Pace = fullPace(now());
  return {
    turn: async (operation, signal) => {
      const taken = takeTurn(pace, operation, now());
      ({ pace } = taken);
      if (taken.waitMs > 0) await clock.sleep(taken.waitMs, signal);
    },
    throttled: () => {
      pace = slowDown(pace, now());
    },
  };
}
