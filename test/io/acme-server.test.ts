import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Domain } from '../../src/core/names.ts';
import { LanacmeError } from '../../src/errors.ts';
import { makeAcmeServer } from '../../src/io/acme-server.ts';
import { type HttpClient, makeHttpClient } from '../../src/io/http.ts';
import { makeKeys } from '../../src/io/keys.ts';
import type { AcmeAccount, AcmeServer } from '../../src/ports.ts';
import { type MovedClock, makeMovedClock } from './moved-clock.ts';
import { directoryOf, orderOf, problem, type ScriptedCa, startScriptedCa } from './scripted-ca.ts';
import { silentLog } from './silent-log.ts';
import { closedPort } from './tls-server.ts';

const signal = new AbortController().signal;
const now = new Date('2026-11-22T12:00:00Z');
const domains = ['a.lan.example'] as readonly string[] as readonly Domain[];
const pem = { type: 'application/pem-certificate-chain', body: 'a chain' };

let keyPem: string;
let ca: ScriptedCa;
let http: HttpClient;
let clock: MovedClock;
let server: AcmeServer;
let account: AcmeAccount;

beforeAll(async () => {
  keyPem = await makeKeys().generate('ec256');
});
beforeEach(async () => {
  ca = await startScriptedCa();
  http = makeHttpClient({ onlyRoots: [ca.rootPem] });
  clock = makeMovedClock(now);
  server = makeAcmeServer({ directoryUrl: ca.directoryUrl, http, log: silentLog, clock });
  account = { keyPem, url: `${ca.url}/account/1` };
});
afterEach(async () => {
  await server.close();
  await ca.stop();
});

/** The error of a promise that must reject with one of ours. */
async function failure(promise: Promise<unknown>): Promise<LanacmeError> {
  const thrown: unknown = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof LanacmeError) return thrown;
  throw new Error(`no LanacmeError but ${String(thrown)}`);
}

function takesOrders(): void {
  ca.on('/order', { status: 201, headers: { location: `${ca.url}/order/1` }, body: orderOf(ca.url) });
  ca.on('/order/1', { body: orderOf(ca.url) });
}

describe('requests', () => {
  it('cost one directory and one nonce, then one each', async () => {
    takesOrders();
    ca.on('/authz/1', { body: authorization() });
    await server.newOrder(account, { domains }, signal);
    await server.authorization(account, `${ca.url}/authz/1`, signal);
    await server.order(account, `${ca.url}/order/1`, signal);
    expect(ca.lines()).toEqual(['GET /dir', 'HEAD /nonce', 'POST /order', 'POST /authz/1', 'POST /order/1']);
  });

  it('that begin at the same time share the directory', async () => {
    ca.on('/authz/1', { body: authorization() });
    const url = `${ca.url}/authz/1`;
    await Promise.all([1, 2, 3].map(async () => await server.authorization(account, url, signal)));
    expect(ca.lines().filter((line) => line === 'GET /dir')).toHaveLength(1);
  });

  it('stay within 2N + 8 for a whole order of N names, one more nonce for each further request in flight', async () => {
    const names = Array.from(
      { length: 20 },
      (_, index) => `n${index}.lan.example`,
    ) as unknown as readonly Domain[];
    ca.on('/order', {
      status: 201,
      headers: { location: `${ca.url}/order/1` },
      body: orderOf(ca.url, {
        identifiers: names.map((value) => ({ type: 'dns', value })),
        authorizations: names.map((_, index) => `${ca.url}/authz/${index}`),
      }),
    });
    for (const [index, value] of names.entries()) {
      ca.on(`/authz/${index}`, { body: authorization({ identifier: { type: 'dns', value } }) });
      ca.on(`/challenge/${index}`, { body: {} });
    }
    ca.on('/finalize/1', { body: orderOf(ca.url, { status: 'processing' }) });
    ca.on('/certificate/1', pem);
    const order = await server.newOrder(account, { domains: names }, signal);
    await Promise.all(
      order.authorizationUrls.map(async (url) => await server.authorization(account, url, signal)),
    );
    await Promise.all(
      names.map(async (_, index) => {
        await server.answerChallenge(account, `${ca.url}/challenge/${index}`, signal);
      }),
    );
    await server.finalize(account, order.finalizeUrl, new Uint8Array(), signal);
    await server.certificate(account, `${ca.url}/certificate/1`, signal);
    const nonces = ca.lines().filter((line) => line === 'HEAD /nonce').length;
    expect(nonces).toBeLessThanOrEqual(8);
    expect(ca.requests.length - (nonces - 1)).toBeLessThanOrEqual(2 * names.length + 8);
  });

  it('are never more than eight at the same time', async () => {
    let now = 0;
    let most = 0;
    let open: () => void = () => undefined;
    const eightAreHere = new Promise<void>((resolve) => {
      open = resolve;
    });
    ca.on('/authz/1', async () => {
      now += 1;
      most = Math.max(most, now);
      if (now === 8) open();
      await eightAreHere;
      // Time for a ninth.
      for (let turns = 0; turns < 10; turns += 1) await new Promise((resolve) => setImmediate(resolve));
      now -= 1;
      return { body: authorization() };
    });
    const url = `${ca.url}/authz/1`;
    await Promise.all(
      Array.from({ length: 30 }, async () => await server.authorization(account, url, signal)),
    );
    expect(most).toBe(8);
  });

  it('never use a nonce twice, whatever is in flight', async () => {
    ca.on('/authz/1', { body: authorization() });
    const url = `${ca.url}/authz/1`;
    await Promise.all(
      Array.from({ length: 30 }, async () => await server.authorization(account, url, signal)),
    );
    const used = ca.requests.flatMap((request) => request.protected?.nonce ?? []);
    expect(used).toHaveLength(30);
    expect(new Set(used).size).toBe(30);
  });

  it('use only nonces of their own server when two servers are spoken to at the same time', async () => {
    const other = await startScriptedCa();
    const otherHttp = makeHttpClient({ onlyRoots: [other.rootPem] });
    const second = makeAcmeServer({
      directoryUrl: other.directoryUrl,
      http: otherHttp,
      log: silentLog,
      clock,
    });
    try {
      for (const each of [ca, other]) each.on('/authz/1', { body: authorization() });
      await Promise.all(
        Array.from({ length: 10 }, async () => [
          await server.authorization(account, `${ca.url}/authz/1`, signal),
          await second.authorization(account, `${other.url}/authz/1`, signal),
        ]),
      );
      // A nonce of the other server would have been refused and the request repeated.
      expect(ca.lines().filter((line) => line === 'POST /authz/1')).toHaveLength(10);
      expect(other.lines().filter((line) => line === 'POST /authz/1')).toHaveLength(10);
    } finally {
      await second.close();
      await other.stop();
    }
  });

  it('all carry a User-Agent of ours', async () => {
    takesOrders();
    await server.newOrder(account, { domains }, signal);
    expect(ca.requests.map(({ headers }) => headers['user-agent'])).toEqual(
      ca.requests.map(() => expect.stringMatching(/^lanacme\//) as unknown),
    );
  });

  it('are signed by the account: its URL as key id, the request URL inside, JOSE as content type', async () => {
    takesOrders();
    await server.newOrder(account, { domains }, signal);
    const sent = ca.requests.at(-1);
    expect(sent?.headers['content-type']).toBe('application/jose+json');
    expect(sent?.protected).toEqual({
      alg: 'ES256',
      kid: account.url,
      nonce: expect.any(String) as unknown,
      url: `${ca.url}/order`,
    });
  });

  it('send an empty payload to read, and an empty object to answer a challenge', async () => {
    takesOrders();
    ca.on('/challenge/1', { body: {} });
    await server.order(account, `${ca.url}/order/1`, signal);
    expect(ca.requests.at(-1)?.payload).toBe('');
    await server.answerChallenge(account, `${ca.url}/challenge/1`, signal);
    expect(ca.requests.at(-1)?.payload).toBe('{}');
  });

  it('name profile and predecessor of an order only if there are any', async () => {
    takesOrders();
    await server.newOrder(account, { domains }, signal);
    expect(JSON.parse(ca.requests.at(-1)?.payload ?? '')).toEqual({
      identifiers: [{ type: 'dns', value: 'a.lan.example' }],
    });
    await server.newOrder(account, { domains, profile: 'shortlived', replaces: 'aki.serial' }, signal);
    expect(JSON.parse(ca.requests.at(-1)?.payload ?? '')).toMatchObject({
      profile: 'shortlived',
      replaces: 'aki.serial',
    });
  });
});

describe('a new account', () => {
  it('is one request, also when the key has an account already', async () => {
    ca.on('/account', {
      status: 200,
      headers: { location: `${ca.url}/account/7` },
      body: { status: 'valid' },
    });
    const request = { contacts: ['mailto:me@example.org'], termsOfServiceAgreed: true };
    expect(await server.createAccount(keyPem, request, signal)).toBe(`${ca.url}/account/7`);
    expect(ca.lines()).toEqual(['GET /dir', 'HEAD /nonce', 'POST /account']);
    const sent = ca.requests.at(-1);
    expect(JSON.parse(sent?.payload ?? '')).toEqual({
      termsOfServiceAgreed: true,
      contact: ['mailto:me@example.org'],
    });
    expect(sent?.protected).toMatchObject({ jwk: { kty: 'EC', crv: 'P-256' } });
    expect(sent?.protected).not.toHaveProperty('kid');
  });

  it('sends no contact and no consent that were not given', async () => {
    ca.on('/account', { status: 201, headers: { location: `${ca.url}/account/7` }, body: {} });
    await server.createAccount(keyPem, { contacts: [], termsOfServiceAgreed: false }, signal);
    expect(ca.requests.at(-1)?.payload).toBe('{}');
  });

  it('is bound to an external account by HS256 over the account key', async () => {
    ca.on('/account', { status: 201, headers: { location: `${ca.url}/account/7` }, body: {} });
    const externalAccount = {
      kid: 'kid-1',
      hmacKey: Buffer.from('a secret of some length').toString('base64url'),
    };
    await server.createAccount(keyPem, { contacts: [], termsOfServiceAgreed: true, externalAccount }, signal);
    const sent = ca.requests.at(-1);
    const { externalAccountBinding: binding } = JSON.parse(sent?.payload ?? '') as {
      externalAccountBinding: { protected: string; payload: string };
    };
    const decoded = (text: string): unknown => JSON.parse(Buffer.from(text, 'base64url').toString());
    expect(decoded(binding.protected)).toEqual({ alg: 'HS256', kid: 'kid-1', url: `${ca.url}/account` });
    expect(decoded(binding.payload)).toEqual(sent?.protected?.jwk);
  });

  it('is asked for again when the CA fails for a moment, for the key names it', async () => {
    const created = { status: 201, headers: { location: `${ca.url}/account/7` }, body: {} };
    ca.on('/account', { status: 500 }, { reset: true }, created);
    await server.createAccount(keyPem, { contacts: [], termsOfServiceAgreed: true }, signal);
    expect(ca.lines().filter((line) => line === 'POST /account')).toHaveLength(3);
  });

  it('without a Location is no account', async () => {
    ca.on('/account', { status: 201, body: {} });
    const error = await failure(
      server.createAccount(keyPem, { contacts: [], termsOfServiceAgreed: true }, signal),
    );
    expect(error).toMatchObject({
      code: 'acme.bad-answer',
      message: 'bad answer of the CA: the Location of the new account is not a text',
    });
  });
});

describe('a refused nonce', () => {
  it('is answered at once with the nonce that came with the refusal', async () => {
    takesOrders();
    const badNonce = problem('badNonce', 'try another');
    ca.on('/order/1', badNonce, badNonce, badNonce, { body: orderOf(ca.url) });
    await server.order(account, `${ca.url}/order/1`, signal);
    expect(ca.lines()).toEqual(['GET /dir', 'HEAD /nonce', ...Array<string>(4).fill('POST /order/1')]);
    expect(clock.sleeps).toEqual([]);
    await server.order(account, `${ca.url}/order/1`, signal);
    const used = ca.requests.flatMap((request) => request.protected?.nonce ?? []);
    expect(used).toHaveLength(5);
    expect(new Set(used).size).toBe(5);
  });

  it('without a usable nonce of its own is answered with a new one', async () => {
    takesOrders();
    const useless = {
      ...problem('badNonce', 'try another'),
      withNonce: false,
      headers: { 'replay-nonce': 'not!base64' },
    };
    ca.on('/order/1', useless, { body: orderOf(ca.url) });
    await server.order(account, `${ca.url}/order/1`, signal);
    expect(ca.lines()).toEqual(['GET /dir', 'HEAD /nonce', 'POST /order/1', 'HEAD /nonce', 'POST /order/1']);
  });

  it('again and again ends the request', async () => {
    ca.on('/order/1', problem('badNonce', 'never'));
    const error = await failure(server.order(account, `${ca.url}/order/1`, signal));
    expect(error.code).toBe('acme.server-error');
    expect(ca.lines().filter((line) => line === 'POST /order/1')).toHaveLength(16);
  });
});

describe('an answer without a nonce', () => {
  it('leaves none to use again', async () => {
    ca.on('/order/1', { body: orderOf(ca.url), withNonce: false });
    await server.order(account, `${ca.url}/order/1`, signal);
    await server.order(account, `${ca.url}/order/1`, signal);
    expect(ca.lines()).toEqual(['GET /dir', 'HEAD /nonce', 'POST /order/1', 'HEAD /nonce', 'POST /order/1']);
  });
});

describe('a CA that fails for a moment', () => {
  it('is asked again to read, signed anew, with growing pauses', async () => {
    takesOrders();
    ca.on('/order/1', { status: 500 }, { status: 503 }, { reset: true }, { body: orderOf(ca.url) });
    await server.order(account, `${ca.url}/order/1`, signal);
    expect(clock.sleeps).toEqual([1000, 3000, 9000]);
    const signed = ca.requests.flatMap((request) => request.protected?.nonce ?? []);
    expect(new Set(signed).size).toBe(4);
  });

  it('is asked again for directory and nonce', async () => {
    takesOrders();
    ca.on(
      '/dir',
      { status: 502, type: 'text/html', body: '<h1>Bad gateway</h1>' },
      { body: directoryOf(ca.url) },
    );
    ca.on('/nonce', { status: 500 }, {});
    await server.order(account, `${ca.url}/order/1`, signal);
    expect(ca.lines()).toEqual(['GET /dir', 'GET /dir', 'HEAD /nonce', 'HEAD /nonce', 'POST /order/1']);
  });

  it('is given up after four tries', async () => {
    ca.on('/dir', { status: 502, type: 'text/html', body: '<h1>Bad\n gateway</h1>' });
    const error = await failure(server.directory(signal));
    expect(error).toMatchObject({ code: 'acme.server-error', outcome: 'failed' });
    expect(error.message).toBe(
      `localhost:${new URL(ca.url).port} failed at the request for the directory ${ca.directoryUrl}: it answered with status 502: Bad gateway`,
    );
    expect(ca.requests).toHaveLength(4);
  });

  it('is asked again for an order: the CA gives the same one, or forgets the one that nobody heard of', async () => {
    ca.on(
      '/order',
      { status: 500 },
      { reset: true },
      {
        status: 201,
        headers: { location: `${ca.url}/order/2` },
        body: orderOf(ca.url),
      },
    );
    expect(await server.newOrder(account, { domains }, signal)).toMatchObject({ url: `${ca.url}/order/2` });
    expect(ca.lines().filter((line) => line === 'POST /order')).toHaveLength(3);
  });

  it.for([
    ['pending', ['POST-as-GET', 'POST', 'POST-as-GET', 'POST']],
    ['processing', ['POST-as-GET']],
    ['valid', ['POST-as-GET']],
  ] as const)(
    'gets the answer to a challenge again only if it is still pending: it is %s',
    async ([status, asked]) => {
      ca.on('/challenge/1', (request) => {
        if (request.payload === '') return { body: { type: 'dns-01', status } };
        return challengePosts() < 3 ? { reset: true } : { body: {} };
      });
      const challengePosts = (): number =>
        ca.requests.filter(({ path, payload }) => path === '/challenge/1' && payload !== '').length;
      await server.answerChallenge(account, `${ca.url}/challenge/1`, signal);
      const kinds = ca.requests
        .filter(({ path }) => path === '/challenge/1')
        .map(({ payload }) => (payload === '' ? 'POST-as-GET' : 'POST'));
      expect(kinds).toEqual(['POST', ...asked]);
    },
  );

  it.for([
    ['ready', 2],
    ['processing', 1],
    ['valid', 1],
  ] as const)(
    'gets the certificate request again only if the order is still ready: it is %s',
    async ([status, posts]) => {
      takesOrders();
      ca.on('/order/1', { body: orderOf(ca.url, { status }) });
      ca.on('/finalize/1', { reset: true }, { body: orderOf(ca.url, { status: 'processing' }) });
      const order = await server.order(account, `${ca.url}/order/1`, signal);
      const settled = await server.finalize(account, order.finalizeUrl, Buffer.from('csr'), signal);
      expect(settled).toMatchObject({ url: order.url, status: status === 'ready' ? 'processing' : status });
      expect(ca.lines().filter((line) => line === 'POST /finalize/1')).toHaveLength(posts);
    },
  );

  it('is not told twice to deactivate an authorization that is', async () => {
    ca.on('/authz/1', (request) =>
      request.payload === '' ? { body: { status: 'deactivated' } } : { reset: true },
    );
    await server.deactivateAuthorization(account, `${ca.url}/authz/1`, signal);
    expect(ca.lines().filter((line) => line === 'POST /authz/1')).toHaveLength(2);
  });

  it('is not looked at again once it says to come back later', async () => {
    ca.on('/challenge/1', { status: 503, headers: { 'retry-after': '300' } });
    const error = await failure(server.answerChallenge(account, `${ca.url}/challenge/1`, signal));
    expect(error).toMatchObject({ code: 'acme.server-error', outcome: 'wait' });
    expect(ca.lines().filter((line) => line === 'POST /challenge/1')).toHaveLength(1);
  });

  it('is believed when it says how long to pause, within a minute', async () => {
    takesOrders();
    ca.on('/order/1', { status: 503, headers: { 'retry-after': '20' } }, { body: orderOf(ca.url) });
    await server.order(account, `${ca.url}/order/1`, signal);
    expect(clock.sleeps).toEqual([20_000]);
  });

  it('that asks for more than a minute ends the run with the time to come back', async () => {
    ca.on('/order/1', { status: 503, headers: { 'retry-after': '3600' } });
    const error = await failure(server.order(account, `${ca.url}/order/1`, signal));
    expect(error).toMatchObject({ code: 'acme.server-error', outcome: 'wait' });
    expect(error.retryAt).toEqual(new Date('2026-11-22T13:00:00Z'));
    expect(clock.sleeps).toEqual([]);
  });
});

describe('a rate limit', () => {
  const said = 'too many certificates: retry after 2026-11-22 13:00:00 UTC';
  const limits: readonly (readonly [string, string])[] = [
    ['seconds', '3600'],
    ['a date', 'Sun, 22 Nov 2026 13:00:00 GMT'],
  ];
  it.each(limits)('ends the run with the time to come back, given as %s', async (_, header) => {
    ca.on('/order', problem('rateLimited', said, { status: 429, headers: { 'retry-after': header } }));
    const error = await failure(server.newOrder(account, { domains }, signal));
    expect(error).toMatchObject({ code: 'acme.rate-limited', outcome: 'wait' });
    expect(error.message).toContain(said);
    expect(error.retryAt).toEqual(new Date('2026-11-22T13:00:00Z'));
    expect(clock.sleeps).toEqual([]);
  });

  it('on a read is not asked again', async () => {
    ca.on('/order/1', {
      status: 429,
      headers: { 'retry-after': '5' },
      type: 'text/plain',
      body: 'slow down',
    });
    const error = await failure(server.order(account, `${ca.url}/order/1`, signal));
    expect(error).toMatchObject({ code: 'acme.rate-limited', outcome: 'wait' });
    expect(ca.lines().filter((line) => line === 'POST /order/1')).toHaveLength(1);
  });
});

describe('no answer', () => {
  it('from a server with a certificate of another root hints at --server-ca', async () => {
    const strangers = makeHttpClient({});
    const stranger = makeAcmeServer({
      directoryUrl: ca.directoryUrl,
      http: strangers,
      log: silentLog,
      clock,
    });
    const error = await failure(stranger.directory(signal));
    await stranger.close();
    expect(error.code).toBe('acme.server-untrusted');
    expect(error.hint).toContain('--server-ca');
    expect(error.cause).toBeInstanceOf(Error);
  });

  it('because nothing listens is told at once, with its cause', async () => {
    const directoryUrl = `https://localhost:${await closedPort()}/dir`;
    const absent = makeAcmeServer({ directoryUrl, http, log: silentLog, clock });
    const error = await failure(absent.directory(signal));
    expect(error.code).toBe('acme.unreachable');
    expect(error.message).toMatch(
      /^no answer from the CA to the request for the directory .+: nothing listens at localhost:/,
    );
    expect(error.cause).toMatchObject({ kind: 'refused' });
    expect(clock.sleeps).toEqual([]);
  });

  it('to an order is an error of ours although a library is in between', async () => {
    ca.on('/order', { reset: true });
    const error = await failure(server.newOrder(account, { domains }, signal));
    expect(error).toMatchObject({ code: 'acme.unreachable', cause: { kind: 'reset' } });
    expect(error.message).toContain('the order for a.lan.example');
  });

  it('larger than the limit is a bad answer', async () => {
    ca.on('/dir', { body: JSON.stringify({ padding: 'x'.repeat(2 << 20) }) });
    expect(await failure(server.directory(signal))).toMatchObject({ code: 'acme.bad-answer' });
  });
});

describe('a bad answer', () => {
  const orders: readonly (readonly [string, object, string])[] = [
    [
      'an http authorization',
      { authorizations: ['http://localhost/a'] },
      'authorizations is "http://localhost/a", not an https URL',
    ],
    [
      'an http finalize URL',
      { finalize: 'http://localhost/f' },
      'finalize is "http://localhost/f", not an https URL',
    ],
    ['no finalize URL', { finalize: undefined }, 'finalize is not a text'],
    [
      'an unknown state',
      { status: 'sleeping' },
      'status is "sleeping", not one of pending, ready, processing, valid, invalid',
    ],
    ['no authorizations', { authorizations: 'none' }, 'authorizations is not a list'],
    [
      'an identifier that is no DNS name',
      { identifiers: [{ type: 'dns', value: 'a b' }] },
      'identifiers: "a b" is not a DNS name',
    ],
    [
      'an identifier of another kind',
      { identifiers: [{ type: 'ip', value: '::1' }] },
      'identifiers: not a DNS identifier',
    ],
    ['a date that is none', { expires: 'soon' }, 'expires is not a date'],
    [
      'an http certificate URL',
      { certificate: 'http://localhost/c' },
      'certificate is "http://localhost/c", not an https URL',
    ],
  ];
  it.each(orders)('is an order with %s', async (_, members, sentence) => {
    ca.on('/order/1', { body: orderOf(ca.url, { ...members }) });
    const error = await failure(server.order(account, `${ca.url}/order/1`, signal));
    expect(error).toMatchObject({
      code: 'acme.bad-answer',
      message: `bad answer of the CA: the order ${ca.url}/order/1: ${sentence}`,
    });
  });

  it('is an order for other names than those asked for', async () => {
    const body = orderOf(ca.url, { identifiers: [{ type: 'dns', value: 'b.lan.example' }] });
    ca.on('/order', { status: 201, headers: { location: `${ca.url}/order/1` }, body });
    expect((await failure(server.newOrder(account, { domains }, signal))).message).toBe(
      'bad answer of the CA: the order for a.lan.example came back as one for b.lan.example',
    );
  });

  it('is a new order without a Location, or with one over http', async () => {
    ca.on('/order', { status: 201, body: orderOf(ca.url) });
    expect((await failure(server.newOrder(account, { domains }, signal))).code).toBe('acme.bad-answer');
    ca.on('/order', {
      status: 201,
      headers: { location: 'http://localhost/order/1' },
      body: orderOf(ca.url),
    });
    expect((await failure(server.newOrder(account, { domains }, signal))).message).toContain(
      'not an https URL',
    );
  });

  it('is JSON that breaks off', async () => {
    ca.on('/order/1', { body: '{"status":' });
    expect((await failure(server.order(account, `${ca.url}/order/1`, signal))).message).toBe(
      `bad answer of the CA: what ${ca.url}/order/1 sent as JSON is not JSON`,
    );
  });

  it('is an order as HTML', async () => {
    ca.on('/order/1', { type: 'text/html', body: '<h1>Hello</h1>' });
    expect((await failure(server.order(account, `${ca.url}/order/1`, signal))).message).toBe(
      `bad answer of the CA: ${ca.url}/order/1 came as text/html, not as application/json`,
    );
  });

  const directories: readonly (readonly [string, object, string])[] = [
    ['no newOrder', { newOrder: undefined }, 'newOrder is not a text'],
    [
      'an http newNonce',
      { newNonce: 'http://localhost/n' },
      'newNonce is "http://localhost/n", not an https URL',
    ],
    ['a broken renewalInfo', { renewalInfo: 'no url' }, 'renewalInfo is "no url", not an https URL'],
  ];
  it.each(directories)('is a directory with %s', async (_, members, sentence) => {
    ca.on('/dir', { body: { ...directoryOf(ca.url), ...members } });
    expect((await failure(server.directory(signal))).message).toBe(
      `bad answer of the CA: the directory ${ca.directoryUrl}: ${sentence}`,
    );
  });

  it('is a web page where the directory should be', async () => {
    ca.on('/dir', { type: 'text/html', body: '<h1>It works</h1>' });
    const error = await failure(server.directory(signal));
    expect(error.message).toBe(
      `bad answer of the CA: ${ca.directoryUrl} came as text/html, not as application/json`,
    );
    expect(error.hint).toContain('--server');
  });

  it('is a directory URL without https, before anything is sent', async () => {
    const plain = makeAcmeServer({ directoryUrl: 'http://localhost/dir', http, log: silentLog, clock });
    expect((await failure(plain.directory(signal))).code).toBe('acme.bad-answer');
  });

  it('is a nonce that is none', async () => {
    ca.on('/nonce', { withNonce: false, headers: { 'replay-nonce': 'a b' } });
    expect((await failure(server.order(account, `${ca.url}/order/1`, signal))).message).toBe(
      `bad answer of the CA: ${ca.url}/nonce sent no usable Replay-Nonce header`,
    );
  });

  it('is a certificate of another content type', async () => {
    ca.on('/certificate/1', { ...pem, type: 'application/pkix-cert' });
    expect((await failure(server.certificate(account, `${ca.url}/certificate/1`, signal))).message).toBe(
      `bad answer of the CA: the certificate ${ca.url}/certificate/1 came as application/pkix-cert, not as application/pem-certificate-chain`,
    );
  });
});

describe('an order', () => {
  it('tells how long to wait, in milliseconds', async () => {
    ca.on('/order/1', { headers: { 'retry-after': '3' }, body: orderOf(ca.url) });
    expect((await server.order(account, `${ca.url}/order/1`, signal)).retryAfterMs).toBe(3000);
    ca.on('/order/1', { headers: { 'retry-after': 'Sun, 22 Nov 2026 12:00:07 GMT' }, body: orderOf(ca.url) });
    expect((await server.order(account, `${ca.url}/order/1`, signal)).retryAfterMs).toBe(7000);
  });

  it('keeps its URL when the answer to finalize names none', async () => {
    takesOrders();
    ca.on('/finalize/1', { body: orderOf(ca.url, { status: 'processing' }) });
    const order = await server.newOrder(account, { domains }, signal);
    const finalized = await server.finalize(account, order.finalizeUrl, Uint8Array.of(0xfb, 0xff), signal);
    expect(finalized).toMatchObject({ url: `${ca.url}/order/1`, status: 'processing' });
    expect(JSON.parse(ca.requests.at(-1)?.payload ?? '')).toEqual({ csr: '-_8' });
  });

  it('is read with members that nobody knows, and with those that are null', async () => {
    ca.on('/order/1', { body: orderOf(ca.url, { mood: 'sunny', certificate: null, error: null }) });
    const order = await server.order(account, `${ca.url}/order/1`, signal);
    expect(order).not.toHaveProperty('mood');
    expect(order).not.toHaveProperty('certificateUrl');
  });

  it('carries the whole problem that it ended with', async () => {
    const error = { type: 'urn:ietf:params:acme:error:caa', detail: 'CAA forbids', status: 403 };
    ca.on('/order/1', { body: orderOf(ca.url, { status: 'invalid', error }) });
    expect((await server.order(account, `${ca.url}/order/1`, signal)).error).toEqual({
      ...error,
      subproblems: [],
    });
  });
});

describe('an authorization', () => {
  it('is read past challenges that nobody knows', async () => {
    const persist = {
      type: 'dns-persist-01',
      url: `${ca.url}/c/2`,
      status: 'pending',
      'issuer-domain-names': ['ca.example'],
    };
    ca.on('/authz/1', {
      body: authorization({ challenges: [persist, { no: 'type' }, 'text', ...dnsChallenges()] }),
    });
    const { challenges } = await server.authorization(account, `${ca.url}/authz/1`, signal);
    expect(challenges.map(({ type }) => type)).toEqual(['dns-persist-01', 'dns-01']);
  });

  it.each([
    ['a token that is not base64url', { token: 'a.b' }, 'the token of the dns-01 challenge is not base64url'],
    ['no token', { token: undefined }, 'token of the dns-01 challenge is not a text'],
    [
      'an http challenge',
      { url: 'http://localhost/c' },
      'url of the dns-01 challenge is "http://localhost/c", not an https URL',
    ],
  ])('is refused with %s', async (_, members, sentence) => {
    ca.on('/authz/1', { body: authorization({ challenges: dnsChallenges(members) }) });
    const error = await failure(server.authorization(account, `${ca.url}/authz/1`, signal));
    expect(error.message).toBe(`bad answer of the CA: the authorization ${ca.url}/authz/1: ${sentence}`);
  });

  it('is deactivated by its status', async () => {
    ca.on('/authz/1', { body: authorization({ status: 'deactivated' }) });
    await server.deactivateAuthorization(account, `${ca.url}/authz/1`, signal);
    expect(ca.requests.at(-1)?.payload).toBe('{"status":"deactivated"}');
  });
});

describe('a certificate', () => {
  it('comes with the URLs of its alternates', async () => {
    const link = `<${ca.url}/dir>;rel="index", <${ca.url}/certificate/1/1>;rel="alternate", </certificate/1/2>; rel=alternate`;
    ca.on('/certificate/1', { ...pem, headers: { link } });
    expect(await server.certificate(account, `${ca.url}/certificate/1`, signal)).toEqual({
      pem: 'a chain',
      alternateUrls: [`${ca.url}/certificate/1/1`, `${ca.url}/certificate/1/2`],
    });
  });
});

describe('a refusal', () => {
  it('tells what was asked, of whom, and in which words it was refused, name by name', async () => {
    const sub = {
      type: 'urn:ietf:params:acme:error:rejectedIdentifier',
      detail: 'forbidden',
      identifier: { type: 'dns', value: 'a.lan.example' },
    };
    ca.on(
      '/order',
      problem('rejectedIdentifier', 'policy forbids', { status: 400, members: { subproblems: [sub] } }),
    );
    const error = await failure(server.newOrder(account, { domains }, signal));
    expect(error.code).toBe('acme.name-rejected');
    expect(error.message).toBe(
      `localhost:${new URL(ca.url).port} refused the order for a.lan.example: policy forbids (rejectedIdentifier)`,
    );
    expect(error.details).toEqual(['a.lan.example: forbidden (rejectedIdentifier)']);
  });

  it.each([
    ['order', '/order/1', 'the request for the order for a.lan.example'],
    ['authorization', '/authz/1', 'the request for the authorization for *.a.lan.example'],
    ['deactivateAuthorization', '/authz/1', 'the deactivation of the authorization for *.a.lan.example'],
    ['answerChallenge', '/challenge/1', 'the answer to the challenge for *.a.lan.example'],
    ['certificate', '/certificate/1', 'the request for the certificate for a.lan.example'],
  ] as const)('of %s names the names, not a URL', async (method, path, asked) => {
    takesOrders();
    const certificate = `${ca.url}/certificate/1`;
    ca.on('/order', {
      status: 201,
      headers: { location: `${ca.url}/order/1` },
      body: { ...orderOf(ca.url), certificate },
    });
    ca.on('/authz/1', { body: authorization({ wildcard: true }) });
    await server.newOrder(account, { domains }, signal);
    await server.authorization(account, `${ca.url}/authz/1`, signal);
    ca.on(path, problem('malformed', 'no'));
    const { message } = await failure(server[method](account, `${ca.url}${path}`, signal));
    expect(message).toBe(`localhost:${new URL(ca.url).port} refused ${asked}: no (malformed)`);
  });

  it('is a redirect too', async () => {
    ca.on('/order/1', { status: 302, headers: { location: `${ca.url}/order/2` }, type: 'text/plain' });
    expect((await failure(server.order(account, `${ca.url}/order/1`, signal))).code).toBe('acme.refused');
  });
});

function dnsChallenges(members: object = {}): readonly object[] {
  return [{ type: 'dns-01', url: `${ca.url}/challenge/1`, status: 'pending', token: 'token-1', ...members }];
}

function authorization(members: object = {}): object {
  return {
    status: 'pending',
    identifier: { type: 'dns', value: 'a.lan.example' },
    challenges: dnsChallenges(),
    ...members,
  };
}
