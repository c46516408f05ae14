import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Domain } from '../../src/core/names.ts';
import { makeAcmeServer } from '../../src/io/acme-server.ts';
import { countedAcme } from '../../src/io/counted-acme.ts';
import { makeHttpClient } from '../../src/io/http.ts';
import { makeKeys } from '../../src/io/keys.ts';
import { RequestCounts } from '../../src/io/request-counts.ts';
import type { AcmeAccount, AcmeServer } from '../../src/ports.ts';
import { makeMovedClock } from './moved-clock.ts';
import { orderOf, problem, type ScriptedCa, startScriptedCa } from './scripted-ca.ts';
import { silentLog } from './silent-log.ts';

const signal = new AbortController().signal;
const domains = ['a.lan.example'] as readonly string[] as readonly Domain[];

describe('the requests to a CA', () => {
  let ca: ScriptedCa;
  let counts: RequestCounts;
  let server: AcmeServer;
  let account: AcmeAccount;

  beforeEach(async () => {
    ca = await startScriptedCa();
    counts = new RequestCounts();
    const { directoryUrl } = ca;
    const clock = makeMovedClock(new Date('2026-11-22T12:00:00Z'));
    server = countedAcme({
      directoryUrl,
      http: makeHttpClient({ onlyRoots: [ca.rootPem] }),
      make: (http) => makeAcmeServer({ directoryUrl, http, log: silentLog, clock }),
      count: (operation) => {
        counts.add('acme', operation);
      },
    });
    account = { keyPem: await makeKeys().generate('ec256'), url: `${ca.url}/account/1` };
  });
  afterEach(async () => {
    await server.close();
    await ca.stop();
  });

  it('are counted as they arrive there: what a call needs besides, and what is repeated', async () => {
    const order = { status: 201, headers: { location: `${ca.url}/order/1` }, body: orderOf(ca.url) };
    ca.on('/order', problem('badNonce', 'not this one'), { status: 503 }, order);
    ca.on('/order/1', { body: orderOf(ca.url) });
    await server.newOrder(account, { domains }, signal);
    await Promise.all([1, 2].map(async () => await server.order(account, `${ca.url}/order/1`, signal)));
    const counted = Object.fromEntries(counts.all().map(({ operation, requests }) => [operation, requests]));
    expect(counted).toEqual({ directory: 1, newNonce: expect.any(Number) as number, newOrder: 3, order: 2 });
    const total = counts.all().reduce((sum, { requests }) => sum + requests, 0);
    expect(total).toBe(ca.requests.length);
  });
});
