import { allSettled, MovedClock, turnUntilDone } from './moved-clock.ts';

/**
 * Time for many that wait side by side: it stands still while anybody works, and jumps to the next who wakes when all
 * wait. What runs on it must wait for nothing else than it.
 */
export class VirtualClock extends MovedClock {
  /** Whether somebody is at work where no promise tells: on a disk, in another thread. */
  isBusy: () => boolean = () => false;

  /** Lets time pass until the work is done. */
  async run<T>(work: Promise<T>): Promise<T> {
    const allWait = async (): Promise<void> => {
      do {
        await allSettled();
      } while (this.isBusy());
    };
    return await turnUntilDone(work, allWait, () => {
      this.wakeNext();
    });
  }
}
