import { httpsUrl, isObject, objectOf, optional, stringOf } from './acme-member.ts';
import type { AcmeDirectory } from './acme-objects.ts';

/** A directory (RFC 8555 §7.1.1) with the URLs of the resources that an order needs. */
export interface DirectoryResources extends AcmeDirectory {
  readonly newNonce: string;
  readonly newAccount: string;
  readonly newOrder: string;
  readonly revokeCert?: string;
}

/**
 * A directory object found at `url`, checked member by member.
 *
 * @throws LanacmeError `acme.bad-answer` naming the member that is absent or wrong.
 */
export function parseDirectory(json: unknown, url: string): DirectoryResources {
  const where = `the directory ${url}`;
  const directory = objectOf(json, where);
  const meta = isObject(directory['meta']) ? directory['meta'] : {};
  return {
    url,
    newNonce: httpsUrl(directory['newNonce'], `${where}: newNonce`),
    newAccount: httpsUrl(directory['newAccount'], `${where}: newAccount`),
    newOrder: httpsUrl(directory['newOrder'], `${where}: newOrder`),
    ...optional('revokeCert', directory['revokeCert'], (member) => httpsUrl(member, `${where}: revokeCert`)),
    ...optional('renewalInfo', directory['renewalInfo'], (member) =>
      httpsUrl(member, `${where}: renewalInfo`),
    ),
    ...optional('termsOfService', meta['termsOfService'], (member) =>
      stringOf(member, `${where}: termsOfService`),
    ),
    caaIdentities: strings(meta['caaIdentities']),
    externalAccountRequired: meta['externalAccountRequired'] === true,
    profiles: texts(meta['profiles']),
  };
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

/** Without a prototype: a profile may be called `constructor`. */
function texts(value: unknown): Readonly<Record<string, string>> {
  const found = Object.create(null) as Record<string, string>;
  for (const [name, text] of isObject(value) ? Object.entries(value) : []) {
    if (typeof text === 'string') found[name] = text;
  }
  return found;
}
