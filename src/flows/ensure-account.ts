import { LanacmeError } from '../errors.ts';
import type {
  AccountStore,
  AcmeAccount,
  AcmeDirectory,
  AcmeServer,
  Keys,
  Log,
  NewAccount,
} from '../ports.ts';

export interface AccountPorts {
  readonly acme: AcmeServer;
  readonly accounts: AccountStore;
  readonly keys: Keys;
  readonly log: Log;
}

/**
 * The account that this host has at the CA, made on the first run and kept. The key is on disk before the CA
 * sees it, so that a run that dies in between finds the same account again (RFC 8555 §7.3.1).
 *
 * @throws LanacmeError `acme.terms-not-agreed`, `acme.external-account-required`, or what the CA refused.
 */
export async function ensureAccount(
  directory: AcmeDirectory,
  request: () => Promise<NewAccount>,
  ports: AccountPorts,
  signal: AbortSignal,
): Promise<AcmeAccount> {
  const kept = await ports.accounts.read(directory.url);
  if (kept?.url !== undefined) return { url: kept.url, keyPem: kept.keyPem };
  return await registerAccount(directory, request, kept?.keyPem, ports, signal);
}

/** newAccount with the kept key, or a new one; also for a CA that has forgotten the account. */
export async function registerAccount(
  directory: AcmeDirectory,
  newAccount: () => Promise<NewAccount>,
  keptKeyPem: string | undefined,
  ports: AccountPorts,
  signal: AbortSignal,
): Promise<AcmeAccount> {
  const request = await newAccount();
  refuseUnacceptable(directory, request);
  const keyPem = keptKeyPem ?? (await newAccountKey(directory.url, ports));
  const url = await ports.acme.createAccount(keyPem, request, signal);
  await ports.accounts.saveAccount(directory.url, { url, contacts: request.contacts });
  ports.log.info(`registered at the CA: account ${url}`);
  return { url, keyPem };
}

async function newAccountKey(directoryUrl: string, ports: AccountPorts): Promise<string> {
  const keyPem = await ports.keys.generate('ec256');
  await ports.accounts.saveKey(directoryUrl, keyPem);
  return keyPem;
}

function refuseUnacceptable(directory: AcmeDirectory, request: NewAccount): void {
  if (directory.termsOfService !== undefined && !request.termsOfServiceAgreed) {
    throw new LanacmeError(
      'acme.terms-not-agreed',
      `${directory.url} asks for consent to its terms of service`,
      {
        hint: `read ${directory.termsOfService}, then add --agree-tos`,
      },
    );
  }
  if (directory.externalAccountRequired && request.externalAccount === undefined) {
    throw new LanacmeError(
      'acme.external-account-required',
      `${directory.url} makes accounts only for customers that it already knows`,
      { hint: 'ask the CA for a key id and an HMAC key, then set --eab-kid and --eab-hmac-key-file' },
    );
  }
}
