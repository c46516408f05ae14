import { describe, expect, it } from 'vitest';
import { systemClock } from '../../src/io/clock.ts';

const never = new AbortController().signal;

describe("the system's clock", () => {
  it('tells the time', () => {
    const before = Date.now();
    const told = systemClock.now().getTime();
    expect(told).toBeGreaterThanOrEqual(before);
    expect(told).toBeLessThanOrEqual(Date.now());
  });

  it('sleeps as long as it is told', async () => {
    const before = performance.now();
    await systemClock.sleep(30, never);
    expect(performance.now() - before).toBeGreaterThan(28);
  });

  it('does not sleep at all for no time', async () => {
    await systemClock.sleep(0, never);
    await systemClock.sleep(-1, never);
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
    const stop = new AbortController();
    const sleeping = systemClock.sleep(2 ** 33, stop.signal);
    let hasEnded = false;
    sleeping.then(
      () => (hasEnded = true),
      () => undefined,
    );
    await systemClock.sleep(20, never);
    expect(hasEnded).toBe(false);
    stop.abort();
    await expect(sleeping).rejects.toThrow();
  });

  it('makes deadlines', async () => {
    const deadline = systemClock.deadline(10);
    expect(deadline.aborted).toBe(false);
    await expect(systemClock.sleep(60_000, deadline)).rejects.toThrow(
      expect.objectContaining({ name: 'TimeoutError' }),
    );
  });
});
