/**
 * What every AcmeServer does, whatever stands behind it: the adapter on a real Pebble, or a CA in memory. The CA must
 * be strict, offer one profile called `default` (90 days) and an alternate chain, and judge validations as the test
 * tells it.
 */
import { X509Certificate } from 'node:crypto';
import { AuthorityKeyIdentifierExtension, X509Certificate as PeculiarCertificate } from '@peculiar/x509';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkIssued } from '../../src/core/issued-check.ts';
import type { Domain } from '../../src/core/names.ts';
import { nextOrderStep } from '../../src/core/order-step.ts';
import { LanacmeError } from '../../src/errors.ts';
import { makeKeys } from '../../src/io/keys.ts';
import type {
  AcmeAccount,
  AcmeAuthorization,
  AcmeOrder,
  AcmeServer,
  KeyType,
  RenewalInfo,
} from '../../src/ports.ts';

export interface AcmeServerSubject {
  readonly server: AcmeServer;
  /** Has the CA suggest this window from now on. */
  suggest(certPem: string, suggestion: Omit<RenewalInfo, 'retryAfterMs'>): Promise<void>;
  /** Lets the CA get on: called between two looks at an order. */
  pause(): Promise<void>;
  now(): Date;
  stop(): Promise<void>;
}

const keys = makeKeys();
const signal = new AbortController().signal;
const terms = { contacts: [], termsOfServiceAgreed: true };

export function acmeServerContract(
  what: string,
  start: (validations: 'succeed' | 'fail') => Promise<AcmeServerSubject>,
): void {
  describe(`${what}: an AcmeServer`, () => {
    let subject: AcmeServerSubject;
    let account: AcmeAccount;
    beforeAll(async () => {
      subject = await start('succeed');
      account = await newAccount(subject.server);
    }, 120_000);
    afterAll(async () => {
      await subject.stop();
    });

    it('describes the CA', async () => {
      const directory = await subject.server.directory(signal);
      expect(Object.keys(directory.profiles)).toEqual(['default']);
      expect(directory.externalAccountRequired).toBe(false);
      expect(directory.renewalInfo).toMatch(/^https:/);
    });

    it('finds the account of a key that is known, and makes one for a key that is not', async () => {
      expect(await subject.server.createAccount(account.keyPem, terms, signal)).toBe(account.url);
      expect((await newAccount(subject.server)).url).not.toBe(account.url);
    });

    it('makes no account without consent to the terms', async () => {
      const refused = subject.server.createAccount(
        await keys.generate('ec256'),
        { contacts: [], termsOfServiceAgreed: false },
        signal,
      );
      // RFC 8555 names no type for this: Boulder has one of its own, Pebble takes userActionRequired.
      await expect(refused).rejects.toMatchObject({
        code: expect.stringMatching(/^acme\.(terms-not-agreed|user-action-required)$/) as string,
      });
    });

    it('takes an RSA account key too', async () => {
      const rsa = await newAccount(subject.server, 'rsa2048');
      const order = await subject.server.newOrder(rsa, { domains: domains('rsa.lan.example') }, signal);
      expect(order.status).toBe('pending');
    });

    it('gives an order with what it was asked for', async () => {
      const names = domains('x.lan.example', 'y.lan.example');
      const order = await subject.server.newOrder(account, { domains: names, profile: 'default' }, signal);
      expect(order.status).toBe('pending');
      expect(new Set(order.domains)).toEqual(new Set(names));
      expect(order.authorizationUrls).toHaveLength(2);
      expect(order.profile).toBe('default');
      expect(order.expires?.getTime()).toBeGreaterThan(subject.now().getTime());
      expect((await subject.server.order(account, order.url, signal)).status).toBe('pending');
    });

    it('gives a name and its wildcard an authorization each, with a token each', async () => {
      const names = domains('w.lan.example', '*.w.lan.example');
      const order = await subject.server.newOrder(account, { domains: names }, signal);
      const authorizations = await readAuthorizations(subject.server, account, order);
      expect(authorizations.map(({ domain }) => domain)).toEqual(['w.lan.example', 'w.lan.example']);
      expect(new Set(authorizations.map(({ wildcard }) => wildcard))).toEqual(new Set([true, false]));
      const tokens = authorizations.map(
        ({ challenges }) => challenges.find(({ type }) => type === 'dns-01')?.token,
      );
      expect(new Set(tokens).size).toBe(2);
      expect(tokens[0]).toMatch(/^[A-Za-z0-9_-]+$/);
    });

    it('leads from an order to a certificate that is good', async () => {
      const names = domains('host.lan.example', '*.host.lan.example');
      const order = await subject.server.newOrder(account, { domains: names, profile: 'default' }, signal);
      const ready = await answerAll(subject, account, order);
      expect(ready.status).toBe('ready');
      const keyPem = await keys.generate('ec256');
      const csr = await keys.certificateRequest(keyPem, names);
      const finalized = await subject.server.finalize(account, ready.finalizeUrl, csr, signal);
      expect(finalized.url).toBe(order.url);
      const valid = await settled(subject, account, finalized, 'processing');
      expect(valid.status).toBe('valid');
      const { pem } = await subject.server.certificate(account, valid.certificateUrl ?? '', signal);
      const { facts } = checkIssued(pem, { domains: names, keyPem, now: subject.now() });
      expect(new Set(facts.domains)).toEqual(new Set(names));
      const lifetimeMs = facts.notAfter.getTime() - facts.notBefore.getTime();
      expect(Math.abs(lifetimeMs - ninetyDaysMs)).toBeLessThanOrEqual(1_000);
    });

    it('gives the same certificate under another root, and from there the way back', async () => {
      const { url } = await issue(subject, account, domains('chains.lan.example'));
      const first = await subject.server.certificate(account, url, signal);
      const [alternateUrl = ''] = first.alternateUrls;
      const alternate = await subject.server.certificate(account, alternateUrl, signal);
      const [chain, other] = [first.pem, alternate.pem].map(certificatesOf);
      expect(other?.[0]).toBe(chain?.[0]);
      expect(new X509Certificate(other?.at(-1) ?? '').issuer).not.toBe(
        new X509Certificate(chain?.at(-1) ?? '').issuer,
      );
      expect(alternate.alternateUrls).toContain(url);
    });

    it('issues once for an order', async () => {
      const { order, csr } = await issue(subject, account, domains('once.lan.example'));
      const again = subject.server.finalize(account, order.finalizeUrl, csr, signal);
      await expect(again).rejects.toMatchObject({ code: 'acme.order-failed' });
    });

    it('refuses to finalize an order that is not ready', async () => {
      const names = domains('early.lan.example');
      const order = await subject.server.newOrder(account, { domains: names }, signal);
      const csr = await keys.certificateRequest(await keys.generate('ec256'), names);
      const early = subject.server.finalize(account, order.finalizeUrl, csr, signal);
      await expect(early).rejects.toMatchObject({ code: 'acme.order-failed' });
    });

    it('refuses a request for other names than those ordered', async () => {
      const names = domains('mine.lan.example');
      const order = await subject.server.newOrder(account, { domains: names }, signal);
      const ready = await answerAll(subject, account, order);
      const csr = await keys.certificateRequest(await keys.generate('ec256'), domains('other.lan.example'));
      const wrong = subject.server.finalize(account, ready.finalizeUrl, csr, signal);
      await expect(wrong).rejects.toBeInstanceOf(LanacmeError);
    });

    it('refuses a request that is not signed by the key in it', async () => {
      const names = domains('forged.lan.example');
      const order = await subject.server.newOrder(account, { domains: names }, signal);
      const ready = await answerAll(subject, account, order);
      const csr = await keys.certificateRequest(await keys.generate('ec256'), names);
      csr.set([(csr.at(-1) ?? 0) ^ 1], csr.length - 1);
      const wrong = subject.server.finalize(account, ready.finalizeUrl, csr, signal);
      await expect(wrong).rejects.toBeInstanceOf(LanacmeError);
    });

    it('refuses a request for the key of the account', async () => {
      const names = domains('same-key.lan.example');
      const order = await subject.server.newOrder(account, { domains: names }, signal);
      const ready = await answerAll(subject, account, order);
      const csr = await keys.certificateRequest(account.keyPem, names);
      const wrong = subject.server.finalize(account, ready.finalizeUrl, csr, signal);
      await expect(wrong).rejects.toMatchObject({ code: 'acme.refused' });
    });

    it('ends an order whose authorization is deactivated', async () => {
      const order = await subject.server.newOrder(account, { domains: domains('gone.lan.example') }, signal);
      const [url = ''] = order.authorizationUrls;
      await subject.server.deactivateAuthorization(account, url, signal);
      expect((await subject.server.authorization(account, url, signal)).status).toBe('deactivated');
      expect((await subject.server.order(account, order.url, signal)).status).not.toBe('ready');
    });

    it('takes no second answer to a challenge', async () => {
      const order = await subject.server.newOrder(account, { domains: domains('twice.lan.example') }, signal);
      const ready = await answerAll(subject, account, order);
      const [proved] = await readAuthorizations(subject.server, account, ready);
      expect(proved?.status).toBe('valid');
      const again = subject.server.answerChallenge(account, dnsChallengeUrl(proved!), signal);
      await expect(again).rejects.toBeInstanceOf(LanacmeError);
    });

    it('refuses a profile that the CA does not offer', async () => {
      const request = { domains: domains('p.lan.example'), profile: 'no-such-profile' };
      const wrong = subject.server.newOrder(account, request, signal);
      await expect(wrong).rejects.toMatchObject({ code: 'acme.profile-not-offered' });
    });

    it('knows no account by a URL that it never gave', async () => {
      const stranger = { ...account, url: `${account.url}0` };
      const wrong = subject.server.newOrder(stranger, { domains: domains('s.lan.example') }, signal);
      await expect(wrong).rejects.toMatchObject({ code: 'acme.account-missing' });
    });

    it('takes no request for an account that another key has signed', async () => {
      const thief = { ...account, keyPem: await keys.generate('ec256') };
      const wrong = subject.server.newOrder(thief, { domains: domains('t.lan.example') }, signal);
      await expect(wrong).rejects.toBeInstanceOf(LanacmeError);
    });

    it('shows nobody what another account has ordered', async () => {
      const order = await subject.server.newOrder(account, { domains: domains('mine.lan.example') }, signal);
      const stranger = await newAccount(subject.server);
      const [url = ''] = order.authorizationUrls;
      await expect(subject.server.order(stranger, order.url, signal)).rejects.toBeInstanceOf(LanacmeError);
      await expect(subject.server.authorization(stranger, url, signal)).rejects.toBeInstanceOf(LanacmeError);
    });

    it('serves several requests at the same time', async () => {
      const names = domains(...Array.from({ length: 20 }, (_, index) => `n${index}.lan.example`));
      const order = await subject.server.newOrder(account, { domains: names }, signal);
      const authorizations = await readAuthorizations(subject.server, account, order);
      expect(new Set(authorizations.map(({ domain }) => domain))).toEqual(new Set(names));
    });

    it('tells the clock of the CA', async () => {
      const { clockOffsetMs } = await subject.server.directory(signal);
      expect(Math.abs(clockOffsetMs ?? Infinity)).toBeLessThan(60_000);
    });

    it('suggests to renew a certificate when a third of its lifetime is left, give or take', async () => {
      const { certId, facts } = await issue(subject, account, domains('ari.lan.example'));
      const { window, retryAfterMs } = await subject.server.renewalInfo(certId, signal);
      const ideal = facts.notAfter.getTime() - ninetyDaysMs / 3;
      expect(window.start.getTime()).toBeLessThan(ideal);
      expect(window.end.getTime()).toBeGreaterThan(ideal);
      expect(window.end.getTime() - window.start.getTime()).toBeLessThanOrEqual(2 * dayMs);
      expect(retryAfterMs).toBe(6 * 3600_000);
    });

    it('passes a suggestion on as the CA gives it, with the page that explains it', async () => {
      const { certId, pem } = await issue(subject, account, domains('told.lan.example'));
      const start = new Date(subject.now().getTime() - 2 * dayMs);
      const window = { start, end: new Date(start.getTime() + dayMs) };
      await subject.suggest(pem, { window, explanationUrl: 'https://ca.example/incident' });
      expect(await subject.server.renewalInfo(certId, signal)).toMatchObject({
        window,
        explanationUrl: 'https://ca.example/incident',
      });
    });

    it('has no suggestion for a certificate that the CA does not know', async () => {
      const unknown = subject.server.renewalInfo('aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE', signal);
      await expect(unknown).rejects.toBeInstanceOf(LanacmeError);
    });

    it('lets an order replace a certificate once', async () => {
      const names = domains('next.lan.example');
      const { certId: replaces } = await issueFindable(subject, account, names);
      await issue(subject, account, names, { replaces });
      const others = domains('next.lan.example', 'more.lan.example');
      const again = subject.server.newOrder(account, { domains: others, replaces }, signal);
      await expect(again).rejects.toMatchObject({ code: 'acme.already-replaced' });
    });

    it.each<[string, (certId: string) => Promise<[AcmeAccount, readonly Domain[], string]>]>([
      [
        'of another account',
        async (certId) => [await newAccount(subject.server), domains('old.lan.example'), certId],
      ],
      [
        'that the CA does not know',
        async (certId) => [account, domains('old.lan.example'), `${certId.split('.')[0]}.AIdlQyE`],
      ],
    ])('lets no order replace a certificate %s', async (_, wrong) => {
      const { certId } = await issue(subject, account, domains('old.lan.example'));
      const [asker, names, replaces] = await wrong(certId);
      const refused = subject.server.newOrder(asker, { domains: names, replaces }, signal);
      await expect(refused).rejects.toBeInstanceOf(LanacmeError);
    });

    it('revokes for the account that ordered, and says so the second time', async () => {
      const { pem } = await issue(subject, account, domains('revoke.lan.example'));
      await subject.server.revoke({ kind: 'account', account }, pem, 4, signal);
      const again = subject.server.revoke({ kind: 'account', account }, pem, 4, signal);
      await expect(again).rejects.toMatchObject({ code: 'acme.already-revoked' });
    });

    it.each<KeyType>(['ec256', 'ec384', 'rsa2048'])(
      'revokes for whoever has the %s key of the certificate',
      async (type) => {
        const { pem, keyPem } = await issue(subject, account, domains('revoke.lan.example'), {
          keyType: type,
        });
        await subject.server.revoke({ kind: 'certificate-key', keyPem }, pem, 1, signal);
        const again = subject.server.revoke({ kind: 'account', account }, pem, 1, signal);
        await expect(again).rejects.toMatchObject({ code: 'acme.already-revoked' });
      },
    );

    it('revokes for no other key, and for no other account', async () => {
      const { pem } = await issue(subject, account, domains('revoke.lan.example'));
      const keyPem = await keys.generate('ec256');
      const thief = subject.server.revoke({ kind: 'certificate-key', keyPem }, pem, 0, signal);
      await expect(thief).rejects.toBeInstanceOf(LanacmeError);
      const stranger = await newAccount(subject.server);
      const other = subject.server.revoke({ kind: 'account', account: stranger }, pem, 0, signal);
      await expect(other).rejects.toBeInstanceOf(LanacmeError);
      await subject.server.revoke({ kind: 'account', account }, pem, 0, signal);
    });

    it('revokes for no reason that RFC 5280 does not have', async () => {
      const { pem } = await issue(subject, account, domains('revoke.lan.example'));
      const refused = subject.server.revoke({ kind: 'account', account }, pem, 99, signal);
      await expect(refused).rejects.toBeInstanceOf(LanacmeError);
    });

    it('ends with the reason of a signal that has aborted', async () => {
      const reason = new LanacmeError('run.interrupted', 'interrupted', { hint: 'none' });
      const aborted = subject.server.order(account, account.url, AbortSignal.abort(reason));
      await expect(aborted).rejects.toBe(reason);
    });
  });

  describe(`${what}: an AcmeServer whose validations fail`, () => {
    it('ends the order, and the authorization holds the words of the CA', async () => {
      const subject = await start('fail');
      try {
        const account = await newAccount(subject.server);
        const order = await subject.server.newOrder(account, { domains: domains('bad.lan.example') }, signal);
        const ended = await answerAll(subject, account, order);
        expect(ended.status).toBe('invalid');
        const step = nextOrderStep(
          ended,
          await readAuthorizations(subject.server, account, ended),
          new Set(),
          { now: new Date() },
        );
        expect(step).toMatchObject({ kind: 'failed', error: { code: 'acme.challenge-failed' } });
        expect(step.kind === 'failed' ? step.error.details[0] : '').toMatch(
          /^bad\.lan\.example: .+ \((dns|unauthorized)\)$/,
        );
      } finally {
        await subject.stop();
      }
    }, 120_000);
  });
}

function domains(...names: readonly string[]): readonly Domain[] {
  return names as readonly Domain[];
}

async function newAccount(server: AcmeServer, keyType: KeyType = 'ec256'): Promise<AcmeAccount> {
  const keyPem = await keys.generate(keyType);
  return { keyPem, url: await server.createAccount(keyPem, terms, signal) };
}

async function readAuthorizations(server: AcmeServer, account: AcmeAccount, order: AcmeOrder) {
  return await Promise.all(
    order.authorizationUrls.map(async (url) => await server.authorization(account, url, signal)),
  );
}

/** Answers every dns-01 challenge that is pending and waits until the CA has judged. */
async function answerAll(
  subject: AcmeServerSubject,
  account: AcmeAccount,
  order: AcmeOrder,
): Promise<AcmeOrder> {
  for (const authorization of await readAuthorizations(subject.server, account, order)) {
    if (authorization.status !== 'pending') continue;
    await subject.server.answerChallenge(account, dnsChallengeUrl(authorization), signal);
  }
  return await settled(subject, account, order, 'pending');
}

function dnsChallengeUrl({ challenges }: AcmeAuthorization): string {
  return challenges.find(({ type }) => type === 'dns-01')?.url ?? '';
}

/** The whole way to a certificate. */
async function issue(
  subject: AcmeServerSubject,
  account: AcmeAccount,
  names: readonly Domain[],
  { keyType = 'ec256', ...rest }: { readonly keyType?: KeyType; readonly replaces?: string } = {},
) {
  const pending = await subject.server.newOrder(account, { domains: names, ...rest }, signal);
  const ready = await answerAll(subject, account, pending);
  const keyPem = await keys.generate(keyType);
  const csr = await keys.certificateRequest(keyPem, names);
  const finalized = await subject.server.finalize(account, ready.finalizeUrl, csr, signal);
  const order = await settled(subject, account, finalized, 'processing');
  const url = order.certificateUrl ?? '';
  const { pem } = await subject.server.certificate(account, url, signal);
  const { facts } = checkIssued(pem, { domains: names, keyPem, now: subject.now() });
  return { order, csr, url, keyPem, pem, facts, certId: ariIdOf(pem) };
}

/**
 * Pebble cannot find a certificate again whose serial number needs a zero before it, to replace it: one in 512. It answers
 * that it has failed then, not that it does not know the certificate.
 */
async function issueFindable(...args: Parameters<typeof issue>): Promise<Awaited<ReturnType<typeof issue>>> {
  for (;;) {
    const issued = await issue(...args);
    if (Buffer.from(issued.certId.split('.')[1] ?? '', 'base64url')[0] !== 0) return issued;
  }
}

function certificatesOf(pem: string): readonly string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}

/** By a library that lanacme does not read certificates with. */
function ariIdOf(pem: string): string {
  const leaf = new PeculiarCertificate(pem);
  const { keyId } = leaf.getExtension(AuthorityKeyIdentifierExtension) ?? {};
  const serial = leaf.serialNumber.padStart(2 * Math.ceil(leaf.serialNumber.length / 2), '0');
  const content = Number.parseInt(serial.slice(0, 2), 16) < 0x80 ? serial : `00${serial}`;
  return [keyId ?? '', content].map((hex) => Buffer.from(hex, 'hex').toString('base64url')).join('.');
}

const dayMs = 24 * 3600_000;
const ninetyDaysMs = 90 * dayMs;
const mostPolls = 500;

async function settled(
  subject: AcmeServerSubject,
  account: AcmeAccount,
  order: AcmeOrder,
  whileStatus: AcmeOrder['status'],
): Promise<AcmeOrder> {
  let current = order;
  for (let polls = 0; current.status === whileStatus && polls < mostPolls; polls += 1) {
    await subject.pause();
    current = await subject.server.order(account, order.url, signal);
  }
  return current;
}
