import type { KeyObject } from 'node:crypto';
import type { KeyType } from './certificate-record.ts';

const curves: ReadonlyMap<string | undefined, KeyType> = new Map([
  ['prime256v1', 'ec256'],
  ['secp384r1', 'ec384'],
]);
const moduli: ReadonlyMap<number | undefined, KeyType> = new Map([
  [2048, 'rsa2048'],
  [3072, 'rsa3072'],
  [4096, 'rsa4096'],
]);

/** Of a key that somebody else made; nothing for a kind that lanacme makes none of. */
export function keyTypeOf({ asymmetricKeyType, asymmetricKeyDetails = {} }: KeyObject): KeyType | undefined {
  if (asymmetricKeyType === 'ec') return curves.get(asymmetricKeyDetails.namedCurve);
  return asymmetricKeyType === 'rsa' ? moduli.get(asymmetricKeyDetails.modulusLength) : undefined;
}

/** A kind of key as a person calls it: `EC secp521r1`, `RSA 1024`, `ed25519`. */
export function kindOfKey({ asymmetricKeyType, asymmetricKeyDetails = {} }: KeyObject): string {
  const { namedCurve, modulusLength } = asymmetricKeyDetails;
  if (asymmetricKeyType === 'ec') return `EC ${namedCurve ?? 'of no named curve'}`;
  return asymmetricKeyType === 'rsa' ? `RSA ${modulusLength ?? ''}` : (asymmetricKeyType ?? 'unknown');
}
