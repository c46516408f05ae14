/** A key with its certificates in one file that is protected by a password: PKCS#12 (RFC 7292). */
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import {
  bmpString,
  type Der,
  encoded,
  explicit,
  implicitOctets,
  integer,
  octets,
  oid,
  sequence,
  set,
} from './der.ts';
import { encrypt, macOf } from './pkcs12-password.ts';

export interface KeyWithChain {
  /** What the entry is called in a Java key store. */
  readonly alias: string;
  readonly privkey: string;
  /** Leaf first. */
  readonly fullchain: string;
}

const data = '1.2.840.113549.1.7.1';
const encryptedData = '1.2.840.113549.1.7.6';
const shroudedKeyBag = '1.2.840.113549.1.12.10.1.2';
const certificateBag = '1.2.840.113549.1.12.10.1.3';
const x509Certificate = '1.2.840.113549.1.9.22.1';
const friendlyName = '1.2.840.113549.1.9.20';
const localKeyId = '1.2.840.113549.1.9.21';

/** Encrypted so that OpenSSL 1.1 and Java 8u301 and later read it; RC2, 3DES and SHA-1 are nowhere in it. */
export async function makePkcs12(entry: KeyWithChain, password: string): Promise<Uint8Array> {
  const certificates = certificatesOf(entry.fullchain);
  const attributes = attributesOf(entry.alias, certificates[0] ?? new Uint8Array());
  const bags = certificates.map((certificate, index) => certBag(certificate, index === 0 ? attributes : []));
  const content = encoded(
    sequence(
      await encryptedContent(encoded(sequence(...bags)), password),
      plainContent(encoded(sequence(await keyBag(entry.privkey, password, attributes)))),
    ),
  );
  return encoded(sequence(integer(3), plainContent(content), macOf(content, password)));
}

function certificatesOf(fullchain: string): readonly Uint8Array[] {
  const blocks = fullchain.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  return blocks.map((pem) => new X509Certificate(pem).raw);
}

/** By them a reader knows which certificate is the key's. */
function attributesOf(alias: string, leaf: Uint8Array): readonly Der[] {
  const id = createHash('sha1').update(leaf).digest();
  return [sequence(oid(friendlyName), set(bmpString(alias))), sequence(oid(localKeyId), set(octets(id)))];
}

function certBag(certificate: Uint8Array, attributes: readonly Der[]): Der {
  return bag(certificateBag, sequence(oid(x509Certificate), explicit(octets(certificate))), attributes);
}

async function keyBag(privkey: string, password: string, attributes: readonly Der[]): Promise<Der> {
  const key = createPrivateKey(privkey).export({ type: 'pkcs8', format: 'der' });
  const { algorithm, bytes } = await encrypt(key, password);
  return bag(shroudedKeyBag, sequence(algorithm, octets(bytes)), attributes);
}

function bag(type: string, value: Der, attributes: readonly Der[]): Der {
  return sequence(oid(type), explicit(value), ...(attributes.length === 0 ? [] : [set(...attributes)]));
}

function plainContent(bytes: Uint8Array): Der {
  return sequence(oid(data), explicit(octets(bytes)));
}

async function encryptedContent(plain: Uint8Array, password: string): Promise<Der> {
  const { algorithm, bytes } = await encrypt(plain, password);
  const content = sequence(oid(data), algorithm, implicitOctets(bytes));
  return sequence(oid(encryptedData), explicit(sequence(integer(0), content)));
}
