import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { lineageOf } from '../../src/core/certbot-lineage.ts';
import { notesOn, notesOnHook } from '../../src/core/certbot-notes.ts';
import { type CertbotRenewal, certbotRenewal } from '../../src/core/certbot-renewal.ts';
import { keyTypeOf, kindOfKey } from '../../src/core/key-type.ts';
import { parseCertificateName, parseDnsName } from '../../src/core/names.ts';
import { makeCertificateFiles } from '../support/certificate-files.ts';

const now = new Date();
const zone = parseDnsName('lan.example');
const name = parseCertificateName('nas');
const files = await makeCertificateFiles({ names: ['lan.example', '*.lan.example'] });
const other = await makeCertificateFiles();
const renewalWith = (...lines: readonly string[]) =>
  certbotRenewal(['[renewalparams]', 'server = https://ca.example/dir', ...lines].join('\n'), 'nas.conf');

const lineage = (changes: Partial<typeof files> = {}, renewal: CertbotRenewal = renewalWith()) =>
  lineageOf(name, renewal, { ...files, ...changes }, { zone, now });

describe('a lineage of certbot', () => {
  it('is a certificate as issue would have ordered it', () => {
    const { spec, terms, files: kept, facts } = lineage();
    expect(spec).toEqual({
      domains: ['lan.example', '*.lan.example'],
      server: 'https://ca.example/dir',
      keyType: 'ec256',
    });
    expect(terms).toEqual({});
    expect(kept).toEqual(files);
    expect(facts.domains).toEqual(spec.domains);
  });

  it('keeps its chain, its profile and its key as it was told', () => {
    const renewal = renewalWith('preferred_chain = Root X', 'preferred_profile = tls', 'reuse_key = True');
    expect(lineage({}, renewal)).toMatchObject({
      spec: { preferredChain: 'Root X', profile: 'tls' },
      terms: { reuseKey: true, profileFallback: true },
    });
  });

  it('may have a key in an older form', () => {
    const sec1 = createPrivateKey(files.privkey).export({ type: 'sec1', format: 'pem' }).toString();
    expect(sec1).toMatch(/BEGIN EC PRIVATE KEY/);
    expect(lineage({ privkey: sec1 }).files.privkey).toBe(files.privkey);
  });

  const encrypted = createPrivateKey(files.privkey)
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
    .toString();
  it.each([
    ['an encrypted key', { privkey: encrypted }, 'privkey.pem is encrypted'],
    ['no key', { privkey: 'x' }, 'privkey.pem is not a private key'],
    ['the key of another', { privkey: other.privkey }, 'privkey.pem does not match cert.pem'],
    ['no certificate', { cert: 'x' }, 'cert.pem is not a certificate'],
    ['the chain of another', { fullchain: other.fullchain }, 'fullchain.pem does not begin with cert.pem'],
    [
      'a chain that does not hold',
      { fullchain: files.cert + other.chain },
      'the certificate is not signed by the one after it',
    ],
  ])('with %s is left', (_, changes, why) => {
    expect(() => lineage(changes)).toThrow(
      expect.objectContaining({
        code: 'certificate.unusable',
        message: `certbot's nas cannot be used: ${why}`,
      }),
    );
  });

  it('that has ended is left', () => {
    const later = new Date(now.getTime() + 400 * 24 * 3600 * 1000);
    expect(() => lineageOf(name, renewalWith(), files, { zone, now: later })).toThrow(
      expect.objectContaining({
        code: 'certificate.unusable',
        message: expect.stringContaining('it ended at') as string,
      }),
    );
  });

  it('with a name outside the zone is left', async () => {
    const outside = await makeCertificateFiles({ names: ['nas.lan.example', 'www.example.com'] });
    expect(() => lineage(outside)).toThrow(
      expect.objectContaining({
        code: 'names.outside-zone',
        message: expect.stringContaining('www.example.com') as string,
      }),
    );
  });
});

describe('the kind of a key', () => {
  const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve }).privateKey;
  it.each([
    [ec('P-256'), 'ec256', 'EC prime256v1'],
    [ec('P-384'), 'ec384', 'EC secp384r1'],
    [ec('P-521'), undefined, 'EC secp521r1'],
    [generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey, 'rsa2048', 'RSA 2048'],
    [generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey, undefined, 'RSA 1024'],
    [generateKeyPairSync('ed25519').privateKey, undefined, 'ed25519'],
  ])('%#: %s', (key, type, kind) => {
    expect([keyTypeOf(key), kindOfKey(key)]).toEqual([type, kind]);
  });
});

describe('what is different from now on', () => {
  const notes = (...lines: readonly string[]) =>
    notesOn(renewalWith(...lines), zone, '/etc/letsencrypt').map((note) => note.split(':')[0]);
  it.each([
    [['authenticator = dns-route53'], []],
    [['authenticator = webroot'], ['certbot proved its names by webroot']],
    [['authenticator = dns-route53', 'manual_auth_hook = /root/a'], ['/root/a are not taken over']],
    [
      ['authenticator = dns-route53', 'pre_hook = a', 'post_hook = b'],
      [
        'its pre-hook is not taken over; to run it around all orders of a run, write into the env file',
        'its post-hook is not taken over; to run it around all orders of a run, write into the env file',
      ],
    ],
    [['authenticator = dns-route53', 'must_staple = True'], ['lanacme asks for no OCSP must-staple']],
    [
      ['authenticator = dns-route53', 'renew_hook = cat /etc/letsencrypt/live/x/privkey.pem'],
      ['its deploy hook names /etc/letsencrypt, where nothing is renewed any more'],
    ],
  ])('%j', (lines, said) => {
    expect(notes(...lines)).toEqual(said);
  });

  it('is told of a server that certbot has reloaded by itself', () => {
    const said = notesOn(renewalWith('authenticator = nginx', 'installer = nginx'), zone, '/etc/letsencrypt');
    expect(said.join()).toContain('LANACME_DEPLOY_HOOK=systemctl reload nginx');
    expect(notesOnHook('x', 'systemctl reload nginx', '/etc/letsencrypt')).toEqual([]);
  });
});
