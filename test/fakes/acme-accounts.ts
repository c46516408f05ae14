import { createPublicKey } from 'node:crypto';
import { accountThumbprint } from '../../src/core/challenge-value.ts';
import type { AcmeAccount, NewAccount } from '../../src/ports.ts';
import { isStrongKey } from './acme-issuer.ts';
import { refused } from './acme-refusal.ts';

/** Reading a key takes OpenSSL most of a millisecond, and every request is signed by one. */
const thumbprints = new Map<string, string>();

export function thumbprintOf(keyPem: string): string {
  const known = thumbprints.get(keyPem);
  if (known !== undefined) return known;
  const thumbprint = accountThumbprint(keyPem);
  thumbprints.set(keyPem, thumbprint);
  return thumbprint;
}

/** The accounts of the CA in memory: a key has one. */
export class FakeAccounts {
  /** Has to be agreed to, if there is one. */
  termsOfService: string | undefined = 'https://ca.example/terms';
  /** Key ids with their HMAC keys: with these, nobody else gets an account. */
  externalAccounts: Readonly<Record<string, string>> | undefined;
  /** URL to the key's thumbprint. */
  readonly #accounts = new Map<string, string>();
  readonly #newUrl: () => string;

  constructor(newUrl: () => string) {
    this.#newUrl = newUrl;
  }

  urls(): readonly string[] {
    return [...this.#accounts.keys()];
  }

  /** The CA loses them all, as a CA for tests does when it starts anew. */
  forget(): void {
    this.#accounts.clear();
  }

  register(keyPem: string, request: NewAccount): string {
    const thumbprint = thumbprintOf(keyPem);
    const known = Array.from(this.#accounts).find(([, owner]) => owner === thumbprint)?.[0];
    if (known !== undefined) return known;
    this.#check(keyPem, request);
    const made = this.#newUrl();
    this.#accounts.set(made, thumbprint);
    return made;
  }

  /** Refuses a request that is not signed by the key of the account that it names. */
  authenticate({ url, keyPem }: AcmeAccount): void {
    const owner = this.#accounts.get(url);
    if (owner === undefined) throw refused('accountDoesNotExist', `Account "${url}" not found`);
    if (owner !== thumbprintOf(keyPem)) throw refused('malformed', 'JWS verification error');
  }

  #check(keyPem: string, { contacts, termsOfServiceAgreed, externalAccount }: NewAccount): void {
    if (!isStrongKey(createPublicKey(keyPem))) throw refused('badPublicKey', 'key is too weak');
    if (this.termsOfService !== undefined && !termsOfServiceAgreed) {
      throw refused('agreementRequired', 'must agree to terms of service');
    }
    const wrong = contacts.find((contact) => !/^mailto:[^@\s]+@[^@\s]+$/.test(contact));
    if (wrong !== undefined) throw refused('unsupportedContact', `"${wrong}" is no mailto URL`);
    if (this.externalAccounts === undefined) return;
    if (externalAccount === undefined) {
      throw refused('externalAccountRequired', 'No external account binding included in request');
    }
    if (this.externalAccounts[externalAccount.kid] !== externalAccount.hmacKey) {
      throw refused('unauthorized', 'the field "externalAccountBinding" is invalid');
    }
  }
}
