import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { type FastTime, fastTime } from './fast-time.ts';

const inFastTime = async (time: FastTime, source: string): Promise<unknown> => {
  const { nodeArgs, env } = fastTime(time);
  const args = [...nodeArgs, '--input-type=module', '--eval', source];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  return JSON.parse(stdout);
};

it('a sleep that is skipped moves the clock by all of it, and ends the limits that it outlasts', async () => {
  const source = `
    import { setTimeout as sleep } from 'node:timers/promises';
    const [short, long] = [AbortSignal.timeout(3_599_000), AbortSignal.timeout(7_200_000)];
    const before = Date.now();
    await Promise.all([sleep(3_600_000), sleep(3_600_000)]);
    const moved = new Date() - before;
    console.log(JSON.stringify([moved >= 3_599_999, moved < 3_660_000, short.aborted, long.aborted]));`;
  expect(await inFastTime({ skips: 100_000 }, source)).toEqual([true, true, true, false]);
});

it('where all time runs faster, timers and limits do', async () => {
  const source = `
    const before = Date.now();
    const limit = AbortSignal.timeout(30_000);
    await new Promise((resolve) => setTimeout(resolve, 60_000));
    console.log(JSON.stringify([limit.aborted, limit.reason.name, Date.now() - before > 55_000, new Date(7).getTime()]));`;
  expect(await inFastTime({ runs: 1_000 }, source)).toEqual([true, 'TimeoutError', true, 7]);
});

it('a limit is over without a sleep, too', async () => {
  const source = `
    const limit = AbortSignal.timeout(20);
    await new Promise((resolve) => { limit.onabort = resolve; setTimeout(resolve, 10_000); }).then(() => undefined);
    console.log(JSON.stringify(limit.aborted)); process.exit();`;
  expect(await inFastTime({ skips: 20 }, source)).toBe(true);
});

it('a clock may be off from the start', async () => {
  const source = 'console.log(JSON.stringify(Date.now()));';
  const here = Number(await inFastTime({ aheadMs: -3_600_000 }, source));
  expect(Math.abs(Date.now() - 3_600_000 - here)).toBeLessThan(60_000);
});

it('a factor that slows down, or is none, is refused', async () => {
  await expect(inFastTime({ runs: 0.5 }, '')).rejects.toThrow('TIME_RUNS is 0.5');
  await expect(inFastTime({ skips: NaN }, '')).rejects.toThrow('TIME_SKIPS is NaN');
});
