import { beforeEach, describe, expect, test } from 'vitest';
import { LanacmeError } from '../../src/errors.ts';
import { SessionKeeper } from '../../src/flows/keep-session.ts';
import type { AwsCredentials } from '../../src/ports.ts';
import { FakeClock } from '../fakes/clock.ts';
import { FakeLog } from '../fakes/log.ts';
import { allSettled } from '../fakes/moved-clock.ts';

const minute = 60_000;

let clock: FakeClock;
let log: FakeLog;
let asked: number;
let isDown: boolean;
let failure: LanacmeError;
let upstream: Promise<void>;

beforeEach(() => {
  clock = new FakeClock();
  log = new FakeLog();
  asked = 0;
  isDown = false;
  failure = new LanacmeError('credentials.unreachable', 'nobody answers', { hint: 'wait' });
  upstream = Promise.resolve();
});

/** AWS does not answer until this is called. */
function hangUpstream(): () => void {
  let answer: () => void = () => undefined;
  upstream = new Promise((resolve) => {
    answer = resolve;
  });
  return answer;
}

async function source(): Promise<AwsCredentials> {
  asked += 1;
  const accessKeyId = `ASIA${asked}`;
  await allSettled();
  await upstream;
  if (isDown) throw failure;
  const expiration = new Date(clock.now().getTime() + 60 * minute);
  return { accessKeyId, secretAccessKey: 'secret', sessionToken: 'session', expiration };
}

function keeper(): () => Promise<string> {
  const made = new SessionKeeper(source, { clock, log }, new AbortController().signal);
  return async () => (await made.session()).accessKeyId;
}

test('50 who ask at once are one request upstream', async () => {
  const ask = keeper();
  const given = await Promise.all(Array.from({ length: 50 }, ask));
  expect(new Set(given)).toEqual(new Set(['ASIA1']));
  expect(asked).toBe(1);
});

test('50 who ask at once while AWS is down are one request upstream, and all are told', async () => {
  isDown = true;
  const ask = keeper();
  const given = await Promise.allSettled(Array.from({ length: 50 }, ask));
  expect(given.every(({ status }) => status === 'rejected')).toBe(true);
  expect(asked).toBe(1);
  expect(log.lines).toEqual(['warn: nobody answers']);
});

test('a failure is not kept: who asks next may have more luck', async () => {
  isDown = true;
  const ask = keeper();
  await expect(ask()).rejects.toMatchObject({ code: 'credentials.unreachable' });
  isDown = false;
  expect(await ask()).toBe('ASIA2');
});

describe('while there is no session', () => {
  const askEverySecond = async (ask: () => Promise<string>, seconds: number): Promise<void> => {
    for (let second = 0; second < seconds; second += 1) {
      await expect(ask()).rejects.toMatchObject({ code: failure.code });
      clock.move(1000);
    }
  };
  beforeEach(() => {
    isDown = true;
  });

  test('AWS is asked twice at once, then after pauses that double up to a minute', async () => {
    const ask = keeper();
    for (let times = 0; times < 50; times += 1) await ask().catch(() => undefined);
    expect(asked).toBe(2);
    await askEverySecond(ask, 1 + 2 + 4 + 8 + 16 + 32 + 1);
    expect(asked).toBe(2 + 6);
    await askEverySecond(ask, 600);
    expect(asked).toBe(2 + 6 + 10);
  });

  test('it is told once a minute, not to each who asks', async () => {
    failure = new LanacmeError('credentials.key-mismatch', 'another key', { hint: 'replace it' });
    await askEverySecond(keeper(), 120);
    expect(log.lines).toEqual(['warn: another key', 'warn: another key']);
  });

  test('what is mended on this host counts at once', async () => {
    failure = new LanacmeError('credentials.key-mismatch', 'another key', { hint: 'replace it' });
    const ask = keeper();
    await askEverySecond(ask, 30);
    isDown = false;
    expect(await ask()).toBe('ASIA31');
  });

  test('AWS is not asked before the time that it named, but after an hour in any case', async () => {
    const named = async (minutes: number): Promise<() => Promise<string>> => {
      const retryAt = new Date(clock.now().getTime() + minutes * minute);
      failure = new LanacmeError('credentials.throttled', 'too many', { hint: 'wait', retryAt });
      asked = 0;
      isDown = true;
      const ask = keeper();
      await expect(ask()).rejects.toBe(failure);
      isDown = false;
      return ask;
    };
    const ask = await named(5);
    clock.move(5 * minute - 1);
    await expect(ask()).rejects.toBe(failure);
    clock.move(1);
    expect(await ask()).toBe('ASIA2');
    const later = await named(24 * 60);
    clock.move(60 * minute);
    expect(await later()).toBe('ASIA2');
  });

  test('a clock that is set back makes no pause longer', async () => {
    const ask = keeper();
    for (let times = 0; times < 3; times += 1) await ask().catch(() => undefined);
    isDown = false;
    clock.move(-60 * minute);
    expect(await ask()).toBe('ASIA3');
  });
});

describe('a session of an hour', () => {
  test('is the same for 44 minutes', async () => {
    const ask = keeper();
    await ask();
    clock.move(43 * minute);
    expect(await ask()).toBe('ASIA1');
    expect(asked).toBe(1);
  });

  test('is replaced 16 minutes before its end, and nobody waits for that', async () => {
    const ask = keeper();
    await ask();
    clock.move(44 * minute);
    expect(await Promise.all([ask(), ask()])).toEqual(['ASIA1', 'ASIA1']);
    await allSettled();
    expect(await ask()).toBe('ASIA2');
    expect(asked).toBe(2);
  });

  test('is waited for 5 minutes before its end', async () => {
    const ask = keeper();
    await ask();
    clock.move(55 * minute);
    expect(await ask()).toBe('ASIA2');
  });

  test('is waited for no longer than SDKs wait for an answer, while it is good', async () => {
    const ask = keeper();
    await ask();
    clock.move(55 * minute);
    const answer = hangUpstream();
    const given = ask();
    await allSettled();
    clock.move(800);
    expect(await given).toBe('ASIA1');
    expect(asked).toBe(2);
    answer();
    await allSettled();
    expect(await ask()).toBe('ASIA2');
    expect(asked).toBe(2);
  });

  test('that ends while the next is waited for is not handed out', async () => {
    const ask = keeper();
    await ask();
    clock.move(60 * minute - 500);
    const answer = hangUpstream();
    const given = ask();
    await allSettled();
    clock.move(800);
    answer();
    expect(await given).toBe('ASIA2');
  });

  test('that ends while the next is fetched, in vain, breaks nothing', async () => {
    const ask = keeper();
    await ask();
    clock.move(44 * minute);
    const answer = hangUpstream();
    expect(await ask()).toBe('ASIA1');
    isDown = true;
    clock.move(20 * minute);
    answer();
    // An error that nobody takes would end the test, as it would end the program.
    await allSettled();
    isDown = false;
    expect(await ask()).toBe('ASIA3');
  });

  test('is handed out to its end while AWS is down, asking once a minute, and not a moment longer', async () => {
    const ask = keeper();
    await ask();
    isDown = true;
    clock.move(44 * minute);
    for (let times = 0; times < 10; times++) {
      expect(await ask()).toBe('ASIA1');
      await allSettled();
    }
    expect(asked).toBe(2);
    clock.move(minute);
    expect(await ask()).toBe('ASIA1');
    await allSettled();
    expect(asked).toBe(3);
    clock.move(15 * minute - 1);
    expect(await ask()).toBe('ASIA1');
    clock.move(1);
    await expect(ask()).rejects.toMatchObject({ code: 'credentials.unreachable' });
  });

  test('is handed out in its last minutes without asking AWS each time, but some times', async () => {
    const ask = keeper();
    await ask();
    isDown = true;
    clock.move(55 * minute);
    asked = 0;
    for (let second = 0; second < 300; second += 1) {
      expect(await ask()).toBe('ASIA1');
      clock.move(1000);
    }
    expect(asked).toBeGreaterThan(8);
    expect(asked).toBeLessThan(25);
  });
});
