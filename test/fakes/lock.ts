import { LanacmeError } from '../../src/errors.ts';
import type { Lock } from '../../src/ports.ts';

/** A lock that nobody else wants. `whileWaiting` is what another run does before this one gets it. */
export class FakeLock implements Lock {
  acquired = 0;
  isHeld = false;
  whileWaiting: () => Promise<void> = async () => {
    await Promise.resolve();
  };

  async acquire(signal: AbortSignal): Promise<() => Promise<void>> {
    signal.throwIfAborted();
    await this.whileWaiting();
    if (this.isHeld)
      throw new LanacmeError('state.locked', 'the lock is held', { hint: 'wait', outcome: 'wait' });
    this.isHeld = true;
    this.acquired += 1;
    return async () => {
      await Promise.resolve();
      this.isHeld = false;
    };
  }
}
