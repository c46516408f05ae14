/** What Let's Encrypt does and Pebble does not, so that no contract can show it. */
import { beforeEach, describe, expect, it } from 'vitest';
import { certificateFacts } from '../../src/core/certificate-facts.ts';
import { accountThumbprint, challengeValue } from '../../src/core/challenge-value.ts';
import type { Domain } from '../../src/core/names.ts';
import { makeKeys } from '../../src/io/keys.ts';
import type { AcmeAccount, AcmeOrder, NewOrder } from '../../src/ports.ts';
import { ZoneStore } from '../world/zone-store.ts';
import { makeAcmeIssuer } from './acme-issuer.ts';
import { acmeProblem } from './acme-refusal.ts';
import { dayMs, FakeAcmeServer, type FakeProfile } from './acme-server.ts';
import { FakeClock } from './clock.ts';

const signal = new AbortController().signal;
const keys = makeKeys();
const keyPem = await keys.generate('ec256');
const issuer = await makeAcmeIssuer();
const host = 'host.lan.example' as Domain;
const hourMs = 3600_000;
const profiles: Readonly<Record<string, FakeProfile>> = {
  classic: { description: '90 days', validityMs: 90 * dayMs, reuseMs: 30 * dayMs, pendingMs: 7 * dayMs },
  shortlived: { description: '160 h', validityMs: 160 * hourMs, reuseMs: 7 * hourMs, pendingMs: hourMs },
};

let clock: FakeClock;
let zones: ZoneStore;
let zoneId: string;
let ca: FakeAcmeServer;
let account: AcmeAccount;

beforeEach(async () => {
  clock = new FakeClock();
  zones = new ZoneStore({ now: () => clock.now(), delayMs: 5_000 });
  zoneId = zones.addZone({ name: 'lan.example' }).id;
  ca = new FakeAcmeServer({ clock, zones, issuer, profiles });
  account = await newAccount();
});

async function newAccount(): Promise<AcmeAccount> {
  const url = await ca.createAccount(keyPem, { contacts: [], termsOfServiceAgreed: true }, signal);
  return { url, keyPem };
}

async function order(request: Partial<NewOrder> = {}): Promise<AcmeOrder> {
  return await ca.newOrder(account, { domains: [host], ...request }, signal);
}

async function authorizationOf({ authorizationUrls: [url = ''] }: AcmeOrder) {
  return await ca.authorization(account, url, signal);
}

/** The record that proves the order's only name. */
async function publish(pending: AcmeOrder, action: 'CREATE' | 'DELETE' = 'CREATE'): Promise<void> {
  const { challenges } = await authorizationOf(pending);
  const token = challenges.find(({ type }) => type === 'dns-01')?.token ?? '';
  const values = [`"${challengeValue(token, accountThumbprint(keyPem))}"`];
  const recordSet = { name: `_acme-challenge.${host}`, type: 'TXT', ttl: 10, values };
  zones.change(zoneId, [{ action, recordSet }], { by: 'us' });
}

async function answer(pending: AcmeOrder): Promise<void> {
  const { challenges } = await authorizationOf(pending);
  await ca.answerChallenge(account, challenges.find(({ type }) => type === 'dns-01')?.url ?? '', signal);
}

async function refresh({ url }: AcmeOrder): Promise<AcmeOrder> {
  return await ca.order(account, url, signal);
}

/** Publishes, waits, answers, waits. */
async function prove(pending: AcmeOrder): Promise<AcmeOrder> {
  await publish(pending);
  clock.move(5_000);
  await answer(pending);
  clock.move(ca.authorizations.validationMs);
  const ready = await refresh(pending);
  await publish(pending, 'DELETE');
  return ready;
}

async function finalize(ready: AcmeOrder): Promise<string> {
  const csr = await keys.certificateRequest(await keys.generate('ec256'), ready.domains);
  await ca.finalize(account, ready.finalizeUrl, csr, signal);
  clock.move(ca.issuanceMs);
  return (await refresh(ready)).certificateUrl ?? '';
}

describe('a validation', () => {
  it('succeeds if the name serves the value when the challenge is answered and until it is judged', async () => {
    const pending = await order();
    await publish(pending);
    clock.move(5_000);
    await answer(pending);
    clock.move(ca.authorizations.validationMs - 1);
    expect((await authorizationOf(pending)).challenges[1]?.status).toBe('processing');
    clock.move(1);
    expect((await refresh(pending)).status).toBe('ready');
  });

  it.each([
    ['nothing is published', 0, 'DNS problem: NXDOMAIN looking up TXT for _acme-challenge.host.lan.example'],
    ['the change is not yet INSYNC', 4_999, 'NXDOMAIN'],
  ])('fails if %s when the challenge is answered', async (_, waitMs, said) => {
    const pending = await order();
    if (waitMs > 0) await publish(pending);
    clock.move(waitMs);
    await answer(pending);
    clock.move(ca.authorizations.validationMs);
    expect((await refresh(pending)).status).toBe('invalid');
    expect((await authorizationOf(pending)).challenges[1]?.error?.detail).toContain(said);
  });

  it('fails if the record goes before it is judged', async () => {
    const pending = await order();
    await publish(pending);
    clock.move(5_000);
    ca.authorizations.validationMs = 6_000;
    await answer(pending);
    await publish(pending, 'DELETE');
    clock.move(6_000);
    expect((await refresh(pending)).status).toBe('invalid');
  });

  it('fails if the value is another, and says which', async () => {
    const recordSet = { name: `_acme-challenge.${host}`, type: 'TXT', ttl: 10, values: ['"one"', '"two"'] };
    zones.edit(zoneId, [{ action: 'CREATE', recordSet }]);
    const pending = await order();
    await answer(pending);
    clock.move(ca.authorizations.validationMs);
    expect((await authorizationOf(pending)).challenges[1]?.error).toMatchObject({
      type: 'urn:ietf:params:acme:error:unauthorized',
      detail: 'Incorrect TXT record "one" (and 1 more) found at _acme-challenge.host.lan.example',
    });
  });
});

describe('an order', () => {
  it('is the same one again while it is open, tokens and all', async () => {
    const first = await order();
    expect(await order()).toEqual(first);
    const ready = await prove(first);
    expect(await order()).toEqual(ready);
    await finalize(ready);
    expect((await order()).url).not.toBe(first.url);
  });

  it('is ready at once while its names are still proved, and not for longer than that', async () => {
    await finalize(await prove(await order({ profile: 'shortlived' })));
    clock.move(7 * hourMs - 10_000);
    expect((await order({ profile: 'shortlived' })).status).toBe('ready');
    clock.move(10_000);
    expect((await order({ profile: 'shortlived' })).status).toBe('pending');
  });

  it('ends when nobody goes on with it', async () => {
    const pending = await order({ profile: 'shortlived' });
    clock.move(hourMs);
    expect((await refresh(pending)).status).toBe('invalid');
    expect(ca.authorizations.pending()).toEqual([]);
  });

  it('gives certificates that live as long as the profile says, from an hour ago', async () => {
    const url = await finalize(await prove(await order({ profile: 'shortlived' })));
    const finalizedAt = clock.now().getTime() - ca.issuanceMs;
    const { notBefore, notAfter } = certificateFacts((await ca.certificate(account, url, signal)).pem);
    expect(notBefore).toEqual(new Date(finalizedAt - hourMs));
    expect(notAfter.getTime() - notBefore.getTime()).toBe(160 * hourMs - 1_000);
  });

  it('is refused with a name twice, or one that a wildcard in it covers', async () => {
    for (const domains of [
      [host, host],
      [host, '*.lan.example' as Domain],
    ]) {
      await expect(order({ domains })).rejects.toMatchObject({ code: 'acme.refused' });
    }
  });

  it('replaces a certificate once, until that order fails', async () => {
    await finalize(await prove(await order()));
    const replaces = ca.issued[0]?.ariId ?? '';
    clock.move(60 * dayMs);
    const successor = await order({ replaces, domains: [host, 'more.lan.example' as Domain] });
    await expect(order({ replaces })).rejects.toMatchObject({ code: 'acme.already-replaced' });
    await ca.deactivateAuthorization(account, successor.authorizationUrls[0] ?? '', signal);
    expect((await order({ replaces })).status).toBe('pending');
    await expect(order({ replaces: 'unknown' })).rejects.toMatchObject({ code: 'acme.refused' });
  });
});

describe('a test can', () => {
  it('have a call refused in the words of the CA, with the time to wait', async () => {
    ca.refuse('newOrder', acmeProblem('rateLimited', 'too many certificates'), hourMs);
    await expect(order()).rejects.toMatchObject({
      code: 'acme.rate-limited',
      outcome: 'wait',
      retryAt: new Date(clock.now().getTime() + hourMs),
      message:
        'ca.example refused the order for host.lan.example: too many certificates (rateLimited); try again at 2026-11-22T13:00:00Z or later',
    });
    expect((await order()).status).toBe('pending');
  });

  it('lose the answer to a call that has had its effect', async () => {
    ca.after = () => {
      throw new Error('cut off');
    };
    await expect(order()).rejects.toThrow('cut off');
    expect(ca.authorizations.pending()).toEqual([host]);
  });

  it('have the CA forget its accounts', async () => {
    ca.accounts.forget();
    await expect(order()).rejects.toMatchObject({ code: 'acme.account-missing' });
    expect((await newAccount()).url).not.toBe(account.url);
  });

  it('demand an external account', async () => {
    ca.accounts.externalAccounts = { kid: 'c2VjcmV0' };
    const other = await keys.generate('ec256');
    const register = async (externalAccount?: { kid: string; hmacKey: string }) =>
      await ca.createAccount(
        other,
        { contacts: [], termsOfServiceAgreed: true, ...(externalAccount && { externalAccount }) },
        signal,
      );
    await expect(register()).rejects.toMatchObject({ code: 'acme.external-account-required' });
    await expect(register({ kid: 'kid', hmacKey: 'wrong' })).rejects.toMatchObject({ code: 'acme.refused' });
    expect(await register({ kid: 'kid', hmacKey: 'c2VjcmV0' })).toMatch(/^https:/);
  });
});
