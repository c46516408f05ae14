import { createPrivateKey } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { describe, expect, it } from 'vitest';
import type { Domain } from '../../src/core/names.ts';
import { makeKeys } from '../../src/io/keys.ts';
import type { KeyType } from '../../src/ports.ts';

const keys = makeKeys();
const domains = [
  '*.lan.example',
  'lan.example',
  'xn--bcher-kva.lan.example',
] as readonly string[] as readonly Domain[];

const kinds: readonly (readonly [KeyType, object])[] = [
  ['ec256', { namedCurve: 'prime256v1' }],
  ['ec384', { namedCurve: 'secp384r1' }],
  ['rsa2048', { modulusLength: 2048 }],
  ['rsa3072', { modulusLength: 3072 }],
  ['rsa4096', { modulusLength: 4096 }],
];

describe('a new key', () => {
  it.each(kinds)(
    'of type %s is PKCS#8 and signs a request for exactly the names',
    async (type, details) => {
      const pem = await keys.generate(type);
      expect(pem).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
      expect(createPrivateKey(pem).asymmetricKeyDetails).toMatchObject(details);

      const request = new x509.Pkcs10CertificateRequest(await keys.certificateRequest(pem, domains));
      expect(await request.verify()).toBe(true);
      expect(request.subject).toBe('');
      const extension = request.getExtension('2.5.29.17');
      const names = new x509.SubjectAlternativeNameExtension(extension?.rawData ?? new Uint8Array()).names
        .items;
      expect(names.map(({ type: kind, value }) => `${kind}:${value}`)).toEqual(
        domains.map((name) => `dns:${name}`),
      );
    },
    60_000,
  );

  it('is another one each time', async () => {
    expect(await keys.generate('ec256')).not.toBe(await keys.generate('ec256'));
  });
});
