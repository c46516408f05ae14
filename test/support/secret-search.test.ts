import { createPrivateKey, generateKeyPairSync, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { formOfSecret } from './secret-search.ts';

const token = { name: 'token', bytes: Buffer.from(randomBytes(300).toString('base64')) };
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const key = { name: 'key', bytes: Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url') };

describe('a secret is found', () => {
  it.each([
    ['plain', `x${token.bytes.toString()}x`],
    ['its first part only', token.bytes.toString().slice(0, 40)],
    ['its last part only', token.bytes.toString().slice(-40)],
    ['base64 at a multiple of three', Buffer.concat([Buffer.alloc(3), token.bytes]).toString('base64')],
    ['base64 one byte further', Buffer.concat([Buffer.alloc(4), token.bytes]).toString('base64')],
    ['base64 two bytes further', Buffer.concat([Buffer.alloc(5), token.bytes]).toString('base64url')],
    ['hex', token.bytes.toString('hex')],
    ['what Node prints of a buffer', inspect(token.bytes)],
    ['a buffer as JSON', JSON.stringify(token.bytes)],
    ['a query', `t=${encodeURIComponent(token.bytes.toString())}`],
  ])('as %s', (_form, text) => {
    expect(formOfSecret(token, text)).toBeDefined();
  });

  it.each([
    ['PEM', pem],
    ['PEM in JSON', JSON.stringify({ pem })],
    ['PEM with other breaks', pem.replaceAll(/(.{20})/g, '$1\n')],
    ['SEC 1', createPrivateKey(pem).export({ type: 'sec1', format: 'pem' }).toString()],
    ['DER', createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' })],
    ['JWK', JSON.stringify(privateKey.export({ format: 'jwk' }))],
  ])('as a key in %s', (_form, text) => {
    expect(formOfSecret(key, text)).toBeDefined();
  });
});

describe('nothing is found', () => {
  it('in what is random, or public', () => {
    expect(formOfSecret(token, randomBytes(5_000).toString('base64'))).toBeUndefined();
    const { x, y } = privateKey.export({ format: 'jwk' });
    expect(formOfSecret(key, JSON.stringify({ x, y }))).toBeUndefined();
  });
});
