/** What a PKCS#12 file derives from its password: how it is encrypted, and how it proves to be whole. */
import { createCipheriv, createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { type Der, integer, nothing, octets, oid, sequence } from './der.ts';

const pbkdf2Async = promisify(pbkdf2);

/** As many as Java's keytool writes. The key lies beside the file, unencrypted: it is the copies that are protected. */
const iterations = 10_000;

const pbes2 = '1.2.840.113549.1.5.13';
const pbkdf2Id = '1.2.840.113549.1.5.12';
const hmacWithSha256 = '1.2.840.113549.2.9';
const aes256Cbc = '2.16.840.1.101.3.4.1.42';
const sha256 = '2.16.840.1.101.3.4.2.1';

export interface Encrypted {
  /** AlgorithmIdentifier with all that whoever knows the password needs. */
  readonly algorithm: Der;
  readonly bytes: Uint8Array;
}

/** PBES2 (RFC 8018 §6.2): AES-256-CBC with a key by PBKDF2 with HMAC-SHA256. */
export async function encrypt(plain: Uint8Array, password: string): Promise<Encrypted> {
  const [salt, iv] = [randomBytes(16), randomBytes(16)];
  const key = await pbkdf2Async(password, salt, iterations, 32, 'sha256');
  const cipher = createCipheriv('aes-256-cbc', key, iv);
  const derivation = sequence(
    oid(pbkdf2Id),
    sequence(octets(salt), integer(iterations), sequence(oid(hmacWithSha256), nothing())),
  );
  return {
    algorithm: sequence(oid(pbes2), sequence(derivation, sequence(oid(aes256Cbc), octets(iv)))),
    bytes: Buffer.concat([cipher.update(plain), cipher.final()]),
  };
}

/** MacData (RFC 7292 §4): HMAC-SHA256 of the content. */
export function macOf(content: Uint8Array, password: string): Der {
  const salt = randomBytes(16);
  const mac = createHmac('sha256', macKey(password, salt, iterations))
    .update(content)
    .digest();
  const digest = sequence(sequence(oid(sha256), nothing()), octets(mac));
  return sequence(digest, octets(salt), integer(iterations));
}

/**
 * The key of the MAC (RFC 7292 appendix B.2), by SHA-256. It is as long as one digest, so that the first block is all
 * of it.
 *
 * @internal for tests, which compare it with another program's.
 */
export function macKey(password: string, salt: Uint8Array, rounds: number): Uint8Array {
  const forMac = 3;
  const input = [
    Buffer.alloc(blockBytes, forMac),
    repeated(salt),
    // UTF-16, the high byte first; the zero at the end is part of it.
    repeated(Buffer.from(`${password}\0`, 'utf16le').swap16()),
  ];
  let hash = createHash('sha256').update(Buffer.concat(input)).digest();
  for (let round = 1; round < rounds; round += 1) hash = createHash('sha256').update(hash).digest();
  return hash;
}

/** Of SHA-256. */
const blockBytes = 64;

/** To the end of the block that it ends in. */
function repeated(bytes: Uint8Array): Uint8Array {
  return Buffer.alloc(Math.ceil(bytes.length / blockBytes) * blockBytes, bytes);
}
