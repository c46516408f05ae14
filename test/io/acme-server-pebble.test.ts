import { afterEach, describe, expect, it } from 'vitest';
import type { Domain } from '../../src/core/names.ts';
import { makeAcmeServer } from '../../src/io/acme-server.ts';
import { makeHttpClient } from '../../src/io/http.ts';
import { makeKeys } from '../../src/io/keys.ts';
import type { AcmeServer } from '../../src/ports.ts';
import { type Pebble, type PebbleOptions, startPebble } from '../world/pebble.ts';
import { makeMovedClock } from './moved-clock.ts';
import { silentLog } from './silent-log.ts';

const signal = new AbortController().signal;
const keys = makeKeys();
const stops: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function start(
  options: Omit<PebbleOptions, 'dnsServer'>,
): Promise<{ pebble: Pebble; server: AcmeServer }> {
  const pebble = await startPebble({ dnsServer: '127.0.0.1:9', ...options });
  const server = makeAcmeServer({
    directoryUrl: pebble.directoryUrl,
    http: makeHttpClient({ onlyRoots: [pebble.caPem] }),
    log: silentLog,
    clock: makeMovedClock(new Date('2026-11-22T12:00:00Z')),
  });
  stops.push(async () => {
    await server.close();
    await pebble.stop();
  });
  return { pebble, server };
}

describe('Pebble', () => {
  it('that refuses every second nonce is spoken to all the same, with one newNonce', async () => {
    const { pebble, server } = await start({ env: { PEBBLE_WFE_NONCEREJECT: '50' } });
    const keyPem = await keys.generate('ec256');
    const url = await server.createAccount(keyPem, { contacts: [], termsOfServiceAgreed: true }, signal);
    const domains = Array.from(
      { length: 20 },
      (_, index) => `n${index}.lan.example`,
    ) as unknown as readonly Domain[];
    const order = await server.newOrder({ keyPem, url }, { domains }, signal);
    for (const authorizationUrl of order.authorizationUrls) {
      await server.authorization({ keyPem, url }, authorizationUrl, signal);
    }
    const requests = await pebble.requests();
    expect(requests.filter(({ method }) => method === 'HEAD')).toHaveLength(1);
    // The account, the order, twenty authorizations, and what had to be repeated.
    expect(requests.filter(({ method }) => method === 'POST').length).toBeGreaterThan(22);
  }, 60_000);

  it('that knows its customers makes an account for the right external key, and says so without one', async () => {
    const hmacKey = Buffer.from('thirty-two bytes of shared secret').toString('base64url');
    const { server } = await start({
      config: { externalAccountBindingRequired: true, externalAccountMACKeys: { 'kid-1': hmacKey } },
    });
    const request = { contacts: [], termsOfServiceAgreed: true };
    expect((await server.directory(signal)).externalAccountRequired).toBe(true);

    const keyPem = await keys.generate('ec256');
    const withKey = { ...request, externalAccount: { kid: 'kid-1', hmacKey } };
    expect(await server.createAccount(keyPem, withKey, signal)).toMatch(/^https:/);

    const without = server.createAccount(await keys.generate('ec256'), request, signal);
    await expect(without).rejects.toMatchObject({ code: 'acme.external-account-required' });

    const wrongKey = { ...request, externalAccount: { kid: 'kid-1', hmacKey: 'c29tZXRoaW5nLWVsc2U' } };
    const wrong = server.createAccount(await keys.generate('ec256'), wrongKey, signal);
    await expect(wrong).rejects.toMatchObject({ code: 'acme.refused' });
  }, 60_000);
});
