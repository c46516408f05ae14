import { describe, expect, it, vi } from 'vitest';
import { makeClock, systemClock } from '../../src/io/clock.ts';

const never = new AbortController().signal;

/** Timers that are over at once, and what they were asked for. */
function instantTimers() {
  const asked: (number | undefined)[] = [];
  const timer = async (milliseconds?: number) => {
    asked.push(milliseconds);
    await Promise.resolve();
  };
  return { asked, clock: makeClock(timer as Parameters<typeof makeClock>[0]) };
}

describe("the system's clock", () => {
  it('tells the time', () => {
    vi.useFakeTimers({ now: new Date('2026-11-22T12:00:00Z'), toFake: ['Date'] });
    try {
      expect(systemClock.now()).toEqual(new Date('2026-11-22T12:00:00Z'));
    } finally {
      vi.useRealTimers();
    }
  });

  it('sleeps as long as it is told, and wakes up', async () => {
    const { asked, clock } = instantTimers();
    await clock.sleep(30, never);
    expect(asked).toEqual([30]);
    await systemClock.sleep(1, never);
  });

  it('does not sleep at all for no time', async () => {
    const { asked, clock } = instantTimers();
    await clock.sleep(0, never);
    await clock.sleep(-1, never);
    expect(asked).toEqual([]);
  });

  it('wakes up with the reason of an abort', async () => {
    const stop = new AbortController();
    const reason = new Error('the second signal');
    const sleeping = systemClock.sleep(60_000, stop.signal);
    stop.abort(reason);
    await expect(sleeping).rejects.toBe(reason);
    await expect(systemClock.sleep(0, stop.signal)).rejects.toBe(reason);
  });

  it('sleeps on beyond what one timer can hold', async () => {
    const { asked, clock } = instantTimers();
    await clock.sleep(2 ** 33, never);
    expect(asked.reduce((sum = 0, next = 0) => sum + next, 0)).toBe(2 ** 33);
    // Node fires at once when it is asked for more.
    for (const milliseconds of asked) expect(milliseconds).toBeLessThan(2 ** 31);
  });

  it('makes deadlines that abort by themselves', async () => {
    const deadline = systemClock.deadline(1);
    await expect(systemClock.sleep(60_000, deadline)).rejects.toMatchObject({ name: 'TimeoutError' });
    expect(deadline.aborted).toBe(true);
  });
});
