import { createPrivateKey } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Domain } from '../../src/core/names.ts';
import { makeAcmeServer } from '../../src/io/acme-server.ts';
import { makeHttpClient } from '../../src/io/http.ts';
import { makeKeys } from '../../src/io/keys.ts';
import type { AcmeAccount, AcmeServer } from '../../src/ports.ts';
import { makeMovedClock } from '../io/moved-clock.ts';
import { silentLog } from '../io/silent-log.ts';
import { httpsRequest } from '../support/https-request.ts';
import { type AcmeFaultProxy, startAcmeFaultProxy } from './acme-fault-proxy.ts';
import type { AcmeFault } from './acme-faults.ts';
import { type Pebble, startPebble } from './pebble.ts';

const signal = new AbortController().signal;
const domains = ['a.lan.example'] as readonly string[] as readonly Domain[];

let pebble: Pebble;
let proxy: AcmeFaultProxy;
beforeAll(async () => {
  pebble = await startPebble({ dnsServer: '127.0.0.1:9' });
  proxy = await startAcmeFaultProxy(pebble);
});
afterAll(async () => {
  await proxy.stop();
  await pebble.stop();
});
beforeEach(() => {
  proxy.faults.clear();
  proxy.forgetRequests();
});

const get = async (path: string): ReturnType<typeof httpsRequest> =>
  await httpsRequest(new URL(path, proxy.directoryUrl).href, { ca: proxy.caPem });
const client = (): AcmeServer => {
  const server = makeAcmeServer({
    directoryUrl: proxy.directoryUrl,
    http: makeHttpClient({ onlyRoots: [proxy.caPem] }),
    log: silentLog,
    clock: makeMovedClock(new Date()),
  });
  onTestFinished(async () => {
    await server.close();
  });
  return server;
};
const register = async (server: AcmeServer): Promise<AcmeAccount> => {
  const keyPem = await makeKeys().generate('ec256');
  expect(createPrivateKey(keyPem).asymmetricKeyType).toBe('ec');
  const request = { contacts: [], termsOfServiceAgreed: true };
  return { keyPem, url: await server.createAccount(keyPem, request, signal) };
};
const seen = (): readonly string[] =>
  proxy.requests.map(({ resource, fault }) => (fault === undefined ? resource : `${resource}: ${fault}`));

describe('without a fault', () => {
  it('Pebble takes it for itself: every URL leads back here, and signatures over them are good', async () => {
    const directory = JSON.parse((await get('/dir')).body) as Record<string, string>;
    const origin = new URL(proxy.directoryUrl).origin;
    expect(directory['newOrder']).toBe(`${origin}/order-plz`);
    const server = client();
    const account = await register(server);
    expect(account.url.startsWith(`${origin}/my-account/`)).toBe(true);
    const order = await server.newOrder(account, { domains }, signal);
    for (const url of [order.url, order.finalizeUrl, ...order.authorizationUrls]) {
      expect(url.startsWith(origin)).toBe(true);
    }
  });

  it('what was asked is on record: the resource, the payload, Pebble’s answer', async () => {
    const server = client();
    const account = await register(server);
    const { authorizationUrls } = await server.newOrder(account, { domains }, signal);
    await server.authorization(account, authorizationUrls[0] ?? '', signal);
    expect(seen()).toEqual(['directory', 'newNonce', 'newAccount', 'newOrder', 'authorization']);
    const [directory, , , newOrder, authorization] = proxy.requests;
    expect(directory).not.toHaveProperty('payload');
    expect(JSON.parse(newOrder?.payload ?? '')).toEqual({
      identifiers: [{ type: 'dns', value: 'a.lan.example' }],
    });
    expect(newOrder?.answer).toMatchObject({
      status: 201,
      headers: { location: expect.any(String) as string },
    });
    expect(authorization?.payload).toBe('');
  });
});

describe('a fault', () => {
  it('strikes the nth request for its resource, as often as it says, and no other', async () => {
    proxy.faults.add({ resource: 'directory', nth: 2, times: 2, fault: { kind: 'page', status: 503 } });
    const statuses = [];
    for (let n = 0; n < 5; n += 1) {
      statuses.push((await get('/dir')).status, (await get('/nonce-plz')).status);
    }
    expect(statuses).toEqual([200, 204, 503, 204, 503, 204, 200, 204, 200, 204]);
  });

  it('of a problem is a problem document with a nonce that Pebble takes', async () => {
    const fault: AcmeFault = {
      kind: 'problem',
      status: 429,
      problem: {
        type: 'rateLimited',
        detail: 'too many',
        subproblems: [{ type: 'dns', detail: 'this one' }],
      },
      headers: { 'retry-after': '7' },
    };
    proxy.faults.add({ resource: 'newNonce', fault });
    const answer = await get('/nonce-plz');
    expect(answer.status).toBe(429);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/problem+json', 'retry-after': '7' });
    expect(JSON.parse(answer.body)).toEqual({
      type: 'urn:ietf:params:acme:error:rateLimited',
      detail: 'too many',
      status: 429,
      subproblems: [{ type: 'urn:ietf:params:acme:error:dns', detail: 'this one' }],
    });
    expect(answer.headers['replay-nonce']).toMatch(/^[\w-]+$/);
    expect(proxy.requests[0]).not.toHaveProperty('answer');
  });

  it('of a used nonce is really refused by Pebble, and repeated by the client', async () => {
    proxy.faults.add({ resource: 'newAccount', fault: { kind: 'used nonce' } });
    const server = client();
    const account = await register(server);
    await server.newOrder(account, { domains }, signal);
    expect(seen()).toEqual(['directory', 'newNonce', 'newAccount: used nonce', 'newOrder', 'newOrder']);
    expect(proxy.requests[3]?.answer?.body).toContain('badNonce');
  });

  it.for([
    ['reset before', false, 'reset'],
    ['reset after', true, 'reset'],
    ['cut off', true, 'cut-off'],
    ['silence', false, 'timeout'],
  ] as const)('of %s: Pebble sees the request: %s; the client sees %s', async ([kind, isSeen, failure]) => {
    proxy.faults.add({ resource: 'directory', times: Infinity, fault: { kind } });
    // Short only where no answer is to come.
    const limit = failure === 'timeout' ? { headersTimeoutMs: 1_000 } : {};
    const http = makeHttpClient({ onlyRoots: [proxy.caPem], ...limit });
    const asking = http.request({ method: 'GET', url: proxy.directoryUrl, signal });
    await expect(asking).rejects.toMatchObject({ kind: failure });
    // Not the end of a conversation: a system call that failed.
    if (failure === 'reset') await expect(asking).rejects.toHaveProperty('cause.syscall', 'read');
    await http.close();
    expect(proxy.requests[0]?.answer !== undefined).toBe(isSeen);
  });

  it('may change an answer', async () => {
    proxy.faults.add({
      resource: 'directory',
      fault: {
        kind: 'changed',
        change: (answer) => ({ ...answer, headers: { ...answer.headers, 'content-type': 'text/plain' } }),
      },
    });
    const answer = await get('/dir');
    expect(answer.headers['content-type']).toBe('text/plain');
    expect(JSON.parse(answer.body)).toHaveProperty('newOrder');
  });

  it('that could never strike is refused', () => {
    const fault: AcmeFault = { kind: 'reset before' };
    const add = (rule: object): void => {
      proxy.faults.add(rule as Parameters<typeof proxy.faults.add>[0]);
    };
    expect(() => {
      add({ resource: 'newOder', fault });
    }).toThrow('unknown resource in a fault script: newOder');
    expect(() => {
      add({ resource: 'newOrder', fault: { kind: 'reset' } });
    }).toThrow('unknown fault in a fault script: reset');
    expect(() => {
      add({ resource: 'newOrder', nth: 0, fault });
    }).toThrow('counts from 1');
    expect(() => {
      add({ resource: 'newOrder', times: 1.5, fault });
    }).toThrow('counts from 1');
  });

  it('that did not strike is told', async () => {
    proxy.faults.add({ resource: 'directory', fault: { kind: 'page', status: 500 } });
    proxy.faults.add({ resource: 'directory', nth: 2, fault: { kind: 'page', status: 500 } });
    await get('/dir');
    expect(proxy.faults.unused()).toMatchObject([{ nth: 2 }]);
  });
});
