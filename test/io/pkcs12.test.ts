/** Read back by the two programs that servers read it with. */
import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePkcs12 } from '../../src/io/pkcs12.ts';
import { macKey } from '../../src/io/pkcs12-password.ts';
import type { CertificateFiles } from '../../src/ports.ts';
import { makeCertificateFiles } from '../support/certificate-files.ts';
import { run } from '../support/child-process.ts';
import { findKeytool } from '../world/keytool.ts';

const names = ['lan.example'];
const password = 'correct horse & "battery" $taple';
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lanacme-p12-'));
});
afterAll(async () => {
  await rm(folder, { recursive: true });
});

async function written(files: CertificateFiles, secret = password): Promise<string> {
  const path = join(folder, `${new X509Certificate(files.cert).serialNumber}.p12`);
  await writeFile(path, await makePkcs12({ alias: 'lan.example', ...files }, secret));
  return path;
}

const openssl = async (path: string, secret: string, ...args: readonly string[]) =>
  await run('openssl', ['pkcs12', '-in', path, '-passin', `pass:${secret}`, ...args]);
const pemOf = (text: string) => text.match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----\n/g) ?? [];

describe.each(['ec256', 'ec384', 'rsa2048'] as const)('a PKCS#12 file with a key of type %s', (keyType) => {
  it('gives openssl the key and the chain, the leaf as the one that belongs to the key', async () => {
    const files = await makeCertificateFiles({ names, keyType });
    const path = await written(files);
    expect(pemOf(await openssl(path, password, '-nocerts', '-nodes'))).toEqual([files.privkey]);
    expect(pemOf(await openssl(path, password, '-nokeys', '-clcerts'))).toEqual(pemOf(files.cert));
    expect(pemOf(await openssl(path, password, '-nokeys', '-cacerts'))).toEqual(pemOf(files.chain));
  });
});

describe('a PKCS#12 file', () => {
  it.each(['ec256', 'rsa2048'] as const)(
    'gives keytool the key of type %s and the chain',
    async (keyType) => {
      const path = await written(await makeCertificateFiles({ names, keyType }));
      const keytool = await findKeytool();
      const copy = `${path}.copy`;
      // Java decrypts the key only to write it elsewhere.
      const from = ['-srckeystore', path, '-srcstorepass', password];
      await run(keytool, ['-importkeystore', ...from, '-destkeystore', copy, '-deststorepass', password]);
      const listing = await run(keytool, ['-list', '-v', '-keystore', copy, '-storepass', password]);
      expect(listing).toContain('Alias name: lan.example');
      expect(listing).toContain('Entry type: PrivateKeyEntry');
      expect(listing).toContain('Certificate chain length: 2');
    },
  );

  it('is encrypted and protected by nothing older than AES-256 and SHA-256', async () => {
    const path = await written(await makeCertificateFiles());
    const told = await run('sh', [
      '-c',
      'exec openssl pkcs12 -info -noout -in "$1" -passin "$2" 2>&1',
      'sh',
      path,
      `pass:${password}`,
    ]);
    expect(told.trim().split('\n')).toEqual([
      'MAC: sha256, Iteration 10000',
      'MAC length: 32, salt length: 16',
      'PKCS7 Encrypted data: PBES2, PBKDF2, AES-256-CBC, Iteration 10000, PRF hmacWithSHA256',
      'Certificate bag',
      'Certificate bag',
      'PKCS7 Data',
      'Shrouded Keybag: PBES2, PBKDF2, AES-256-CBC, Iteration 10000, PRF hmacWithSHA256',
    ]);
  });

  it('does not open with another password', async () => {
    const path = await written(await makeCertificateFiles());
    await expect(openssl(path, 'other', '-noout')).rejects.toThrow('Mac verify error: invalid password?');
  });

  it.each(['x', 'Grüße', '密码', '🔑'])('opens with the password %s', async (secret) => {
    const path = await written(await makeCertificateFiles(), secret);
    expect(pemOf(await openssl(path, secret, '-nodes'))).toHaveLength(3);
  });

  it('is never the same twice', async () => {
    const entry = { alias: 'a', ...(await makeCertificateFiles()) };
    expect(await makePkcs12(entry, 'x')).not.toEqual(await makePkcs12(entry, 'x'));
  });
});

describe('the key of the MAC', () => {
  // `openssl kdf -keylen 32 -kdfopt digest:SHA256 -kdfopt hexpass:… -kdfopt hexsalt:… -kdfopt iter:… -kdfopt id:3 PKCS12KDF`
  it('is what openssl derives', async () => {
    const derived = await run('openssl', [
      ...['kdf', '-keylen', '32', '-kdfopt', 'digest:SHA256', '-kdfopt', 'hexpass:0073006d006500670000'],
      ...['-kdfopt', 'hexsalt:0a58cf64530d823f', '-kdfopt', 'iter:7', '-kdfopt', 'id:3', 'PKCS12KDF'],
    ]);
    const key = macKey('smeg', Buffer.from('0a58cf64530d823f', 'hex'), 7);
    expect(Buffer.from(key).toString('hex')).toBe(derived.trim().replaceAll(':', '').toLowerCase());
  });
});
