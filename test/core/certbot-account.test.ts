import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { certbotAccount } from '../../src/core/certbot-account.ts';

const folder = '/etc/letsencrypt/accounts/ca.example/dir/5639';
const uri = 'https://ca.example/acct/1';
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwk = privateKey.export({ format: 'jwk' });
const read = (key: unknown, registration: unknown = { body: {}, uri }) =>
  certbotAccount(JSON.stringify(key), JSON.stringify(registration), folder);

describe('an account of certbot', () => {
  it.each([
    ['RSA', generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey],
    ['EC', privateKey],
  ])('has an %s key', (_, key) => {
    const { keyPem, ...others } = read(key.export({ format: 'jwk' }));
    expect(createPrivateKey(keyPem).equals(key)).toBe(true);
    expect(keyPem).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
    expect(others).toEqual({ url: uri, contacts: [] });
  });

  it.each([
    ['of an older certbot', { contact: ['mailto:admin@lan.example'] }, ['mailto:admin@lan.example']],
    ['that is no list', { contact: 'mailto:admin@lan.example' }, []],
    [
      'of other kinds',
      { contact: ['tel:+1', 7, 'mailto:a@b?x', 'mailto:a\n@b', 'mailto:a@b'] },
      ['mailto:a@b'],
    ],
  ])('may have a contact %s', (_, body, contacts) => {
    expect(read(jwk, { body, uri }).contacts).toEqual(contacts);
  });

  it.each([
    [undefined],
    [7],
    ['http://ca.example/acct/1'],
    ['https://ca.example/a b'],
    [`https://x/${'y'.repeat(2000)}`],
  ])('may not be known by a URL: %j', (other) => {
    expect(read(jwk, { body: {}, uri: other })).not.toHaveProperty('url');
  });

  it.each([
    [
      'a public key',
      { kty: 'EC', crv: 'P-256', x: jwk.x, y: jwk.y },
      {},
      'private_key.json',
      'it is not a private key',
    ],
    [
      'another kind of key',
      generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }),
      {},
      'private_key.json',
      'it is neither an RSA nor an EC key',
    ],
    ['a list', [], {}, 'private_key.json', 'it is no JSON object'],
    ['a registration that is a text', jwk, 'x', 'regr.json', 'it is no JSON object'],
  ])('is refused for %s', (_, key, registration, name, why) => {
    expect(() => read(key, registration)).toThrow(
      expect.objectContaining({
        code: 'import.unreadable',
        message: `${folder}/${name} cannot be read: ${why}`,
      }),
    );
  });

  it('is refused without a word of what should be its key', () => {
    const secret = 'c2VjcmV0LXNlY3JldA';
    for (const text of [`{"d": "${secret}"`, `{"kty": "EC", "d": "${secret}"}`])
      expect(() => certbotAccount(text, '{}', folder)).toThrow(
        expect.objectContaining({ message: expect.not.stringContaining(secret) as string }),
      );
  });
});
