import { beforeEach, describe, expect, test } from 'vitest';
import type { EndpointAnswer, EndpointRequest } from '../../src/core/credentials-endpoint.ts';
import { LanacmeError } from '../../src/errors.ts';
import { serveCredentials } from '../../src/flows/serve-credentials.ts';
import type { BearerToken, ServePorts } from '../../src/ports/serve-credentials.ts';
import type { AwsCredentials } from '../../src/ports.ts';
import { FakeLog } from '../fakes/log.ts';
import { allSettled, MovedClock } from '../fakes/moved-clock.ts';

const minute = 60_000;
const good = { text: 'a-token-of-some-length', file: '/run/token', hasLineBreak: false };
const request: EndpointRequest = {
  method: 'GET',
  target: '/credentials',
  hosts: ['127.0.0.1'],
  authorizations: [good.text],
  hasBody: false,
};

class TestClock extends MovedClock {
  /** To when the run looks whether somebody has asked. */
  async next(): Promise<number> {
    const ms = this.soonestMs();
    this.wakeNext();
    await allSettled();
    return ms;
  }
}

let clock: TestClock;
let log: FakeLog;
let closed: boolean;
let ask: (request: EndpointRequest) => Promise<EndpointAnswer>;
let source: () => Promise<AwsCredentials>;
let token: () => Promise<BearerToken>;

beforeEach(() => {
  clock = new TestClock();
  log = new FakeLog();
  closed = false;
  token = async () => await Promise.resolve(good);
  source = async () =>
    await Promise.resolve({
      accessKeyId: 'ASIAEXAMPLE',
      secretAccessKey: 'secret',
      sessionToken: 'session',
      expiration: new Date(clock.now().getTime() + 60 * minute),
    });
});

interface Run {
  readonly ended: Promise<void>;
  isOver: boolean;
  readonly controller: AbortController;
}

async function started(isActivated: boolean): Promise<Run> {
  const ports: ServePorts = {
    server: {
      listen: async (answer) => {
        ask = answer;
        const close = async (): Promise<void> => {
          closed = true;
          await Promise.resolve();
        };
        return await Promise.resolve({ origins: ['http://127.0.0.1:1'], isActivated, close });
      },
    },
    token: { readOrMake: async () => await token(), read: async () => await token() },
    source: async () => await Promise.resolve(async () => await source()),
    clock,
    log,
  };
  const controller = new AbortController();
  const ended = serveCredentials({}, ports, controller.signal);
  const run: Run = { ended, isOver: false, controller };
  const note = (): void => {
    run.isOver = true;
  };
  ended.then(note, note);
  await allSettled();
  return run;
}

test('whoever has the token gets the session, and nobody else', async () => {
  const { controller, ended } = await started(false);
  expect(JSON.parse((await ask(request)).body)).toMatchObject({ AccessKeyId: 'ASIAEXAMPLE' });
  expect((await ask({ ...request, authorizations: [] })).status).toBe(401);
  controller.abort(new Error('interrupted'));
  await expect(ended).rejects.toThrow('interrupted');
  expect(closed).toBe(true);
});

test('while AWS refuses there is an error, never a success without credentials', async () => {
  source = async () =>
    await Promise.reject(new LanacmeError('credentials.access-denied', 'no', { hint: 'ask' }));
  await started(false);
  const { status, body } = await ask(request);
  expect(status).toBe(502);
  expect(JSON.parse(body)).toEqual({ code: 'credentials.access-denied', message: 'no' });
});

test('empty credentials are an error', async () => {
  source = async () => await Promise.resolve({ accessKeyId: '', secretAccessKey: '' });
  await started(false);
  expect((await ask(request)).status).toBe(502);
});

test('neither the token nor the credentials are told', async () => {
  await started(false);
  await ask(request);
  const said = log.lines.join('\n');
  expect(said).toContain('http://127.0.0.1:1/credentials');
  expect(said).toContain('/run/token');
  for (const secret of [good.text, 'ASIAEXAMPLE', 'session', 'secret']) expect(said).not.toContain(secret);
});

describe('the token is the one that its file has now:', () => {
  const failure = new LanacmeError('endpoint.token-unusable', '/run/token holds no token', {
    hint: 'mend it',
  });

  test('where it was replaced, the new one and no other', async () => {
    await started(false);
    token = async () => await Promise.resolve({ ...good, text: 'another-token-of-some-length' });
    expect((await ask(request)).status).toBe(401);
    expect((await ask({ ...request, authorizations: ['another-token-of-some-length'] })).status).toBe(200);
  });

  test('where it cannot be read, nobody gets in, and why is told once', async () => {
    await started(false);
    token = async () => await Promise.reject(failure);
    for (const authorizations of [[good.text], [''], []]) {
      expect((await ask({ ...request, authorizations })).status).toBe(401);
    }
    expect(log.lines.filter((line) => line.startsWith('warn'))).toEqual([
      'warn: nobody gets credentials: /run/token holds no token',
    ]);
    token = async () => await Promise.resolve(good);
    expect((await ask(request)).status).toBe(200);
  });

  test('where it ends in a line break, that is told: no SDK would send it', async () => {
    token = async () => await Promise.resolve({ ...good, hasLineBreak: true });
    await started(false);
    expect(log.lines).toContainEqual(expect.stringMatching(/^warn: \/run\/token ends in a line break/));
    expect((await ask(request)).status).toBe(200);
  });

  test('where there is none at the start, nothing is served', async () => {
    token = async () => await Promise.reject(failure);
    await expect((await started(false)).ended).rejects.toBe(failure);
  });
});

describe('where systemd holds the socket', () => {
  test('it ends after five minutes in which nobody asked', async () => {
    const run = await started(true);
    expect(await clock.next()).toBe(5 * minute);
    await run.ended;
    expect(closed).toBe(true);
  });

  test('five minutes begin anew when somebody has asked', async () => {
    const run = await started(true);
    clock.sleep(2 * minute, new AbortController().signal).catch(() => undefined);
    expect(await clock.next()).toBe(2 * minute);
    await ask(request);
    expect(await clock.next()).toBe(3 * minute);
    expect(run.isOver).toBe(false);
    expect(await clock.next()).toBe(2 * minute);
    await run.ended;
  });

  test('it does not end while somebody waits for an answer', async () => {
    const run = await started(true);
    let answer: (found: AwsCredentials) => void = () => undefined;
    const found = await source();
    source = async () =>
      await new Promise((resolve) => {
        answer = resolve;
      });
    const asked = ask(request);
    expect(await clock.next()).toBe(5 * minute);
    expect(run.isOver).toBe(false);
    answer(found);
    expect((await asked).status).toBe(200);
    expect(await clock.next()).toBe(5 * minute);
    await run.ended;
  });
});

test('it never ends by itself where it was started by hand', async () => {
  const run = await started(false);
  for (let times = 0; times < 10; times++) await clock.next();
  expect(run.isOver).toBe(false);
});
