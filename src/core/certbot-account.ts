import { createPrivateKey, type KeyObject } from 'node:crypto';
import { LanacmeError } from '../errors.ts';
import { escapeText } from './escape.ts';

/** An ACME account as certbot kept it. */
export interface CertbotAccount {
  /** PKCS#8 PEM. */
  readonly keyPem: string;
  /** As the CA knows it; absent if certbot did not note it: the CA finds the account by its key then. */
  readonly url?: string;
  /** `mailto:` URLs; certbot seldom notes them. */
  readonly contacts: readonly string[];
}

/**
 * Reads `private_key.json` (a JWK, RFC 7517) and `regr.json` (a registration resource) of an account.
 *
 * @param folder for messages.
 * @throws LanacmeError `import.unreadable`
 */
export function certbotAccount(keyJson: string, registrationJson: string, folder: string): CertbotAccount {
  const { uri, body } = parsed(registrationJson, `${folder}/regr.json`);
  const url = accountUrl(uri);
  return {
    keyPem: keyOf(keyJson, `${folder}/private_key.json`),
    contacts: contactsOf(body),
    ...(url === undefined ? {} : { url }),
  };
}

/** What a CA signs with for its customers: certbot's are RSA, or P-256 and P-384 on wish. */
function keyOf(json: string, file: string): string {
  const jwk = parsed(json, file);
  const key = privateKeyOf(jwk, file);
  if (key.asymmetricKeyType !== 'rsa' && key.asymmetricKeyType !== 'ec')
    throw unreadable(file, 'it is neither an RSA nor an EC key');
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function privateKeyOf(jwk: Readonly<Record<string, unknown>>, file: string): KeyObject {
  try {
    return createPrivateKey({ key: jwk, format: 'jwk' });
  } catch {
    // What is said of it may quote the key.
    throw unreadable(file, 'it is not a private key');
  }
}

const longestUrl = 2000;

function accountUrl(uri: unknown): string | undefined {
  return typeof uri === 'string' && uri.length <= longestUrl && /^https:\/\/[!-~]+$/.test(uri)
    ? uri
    : undefined;
}

function contactsOf(body: unknown): readonly string[] {
  const contact = isObject(body) ? body['contact'] : undefined;
  if (!Array.isArray(contact)) return [];
  return contact.filter(
    (one): one is string =>
      typeof one === 'string' && /^mailto:[^\s@,?\p{Cc}]{1,200}@[^\s@,?\p{Cc}]{1,200}$/u.test(one),
  );
}

function parsed(json: string, file: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(json);
    if (isObject(value)) return value;
  } catch {
    // What is said of it may quote the key.
  }
  throw unreadable(file, 'it is no JSON object');
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unreadable(file: string, why: string): LanacmeError {
  return new LanacmeError('import.unreadable', `${escapeText(file)} cannot be read: ${why}`, {
    hint: 'certificates of this account are renewed with an account of their own: lanacme makes it',
  });
}
