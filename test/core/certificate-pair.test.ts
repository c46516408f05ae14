import { describe, expect, it } from 'vitest';
import { pairProblem } from '../../src/core/certificate-pair.ts';
import { makeCertificateFiles } from '../support/certificate-files.ts';

const files = await makeCertificateFiles();
const other = await makeCertificateFiles();
const rsa = await makeCertificateFiles({ names: ['lan.example'], keyType: 'rsa2048' });

describe('the files of a version', () => {
  it.each([
    ['with an EC key', files],
    ['with an RSA key', rsa],
  ])('belong together %s', (_, pair) => {
    expect(pairProblem(pair)).toBeUndefined();
  });

  it.each([
    ['another key', { privkey: other.privkey }, 'privkey.pem does not match cert.pem'],
    ['a key of another type', { privkey: rsa.privkey }, 'privkey.pem does not match cert.pem'],
    ['an empty key', { privkey: '' }, 'privkey.pem is not a private key'],
    ['half a key', { privkey: files.privkey.slice(0, 60) }, 'privkey.pem is not a private key'],
    ['an empty certificate', { cert: '' }, 'cert.pem is not a certificate'],
    ['half a certificate', { cert: files.cert.slice(0, 200) }, 'cert.pem is not a certificate'],
    ['another chain in front', { fullchain: other.fullchain }, 'fullchain.pem does not begin with cert.pem'],
    ['the leaf missing', { fullchain: files.chain }, 'fullchain.pem does not begin with cert.pem'],
    ['an empty chain', { fullchain: '' }, 'fullchain.pem does not begin with cert.pem'],
  ])('do not with %s', (_, change, problem) => {
    expect(pairProblem({ ...files, ...change })).toBe(problem);
  });
});
