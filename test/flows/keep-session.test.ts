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
let upstream: Promise<void>;

beforeEach(() => {
  clock = new FakeClock();
  log = new FakeLog();
  asked = 0;
  isDown = false;
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
  if (isDown) throw new LanacmeError('credentials.unreachable', 'nobody answers', { hint: 'wait' });
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
});
