/**
 * Waiting for what tells nobody when it changes: a unit of a booted machine, an engine that starts, a container's health. A
 * condition is waited for, never a time: a slow machine asks more often.
 */
import { setTimeout as sleep } from 'node:timers/promises';

/** What a machine that is busy beside may need. */
export const patienceMs = 120_000;

/** Asks until it is so; whether it was, before `limitMs` were over. */
export async function poll(isSo: () => Promise<boolean>, limitMs = patienceMs): Promise<boolean> {
  const giveUpAt = Date.now() + limitMs;
  while (!(await isSo())) {
    if (Date.now() > giveUpAt) return false;
    await sleep(100);
  }
  return true;
}
