/** An identity with everything secret that it can have: an encrypted key, and with Roles Anywhere a TOTP seed. */
import { createPrivateKey, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fromBase32 } from '../../src/core/base32.ts';
import type { World } from '../world/world.ts';
import type { Host } from '../world/world-host.ts';
import { keySecrets, textSecret } from './run-secrets.ts';
import type { Secret } from './secret-search.ts';

export interface SecretIdentity {
  /** What lanacme is told besides the host's own variables. */
  readonly variables: Readonly<Record<string, string>>;
  readonly secrets: readonly Secret[];
}

/** Encrypts the key of this host in its place. */
export async function withSecretIdentity(
  { identity, rolesAnywhere }: World,
  host: Host,
): Promise<SecretIdentity> {
  const [passwordFile, seedFile] = ['password', 'seed'].map((name) => join(host.keyFile, '..', name)) as [
    string,
    string,
  ];
  const password = `pass-${randomBytes(12).toString('base64url')}`;
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
  const pem = await readFile(host.keyFile, 'utf8');
  const cipher = { cipher: 'aes-256-cbc', passphrase: password };
  await writeFile(host.keyFile, createPrivateKey(pem).export({ type: 'pkcs8', format: 'pem', ...cipher }));
  const secrets = [...keySecrets('device key', pem), textSecret('key password', password)];
  if (identity === 'iot') return { variables: { LANACME_IOT_KEY_PASSWORD_FILE: passwordFile }, secrets };

  rolesAnywhere.profile.acceptRoleSessionName = true;
  const seed = newSeed();
  await writeFile(seedFile, `${seed}\n`, { mode: 0o600 });
  return {
    variables: {
      LANACME_ROLES_ANYWHERE_KEY_PASSWORD_FILE: passwordFile,
      LANACME_ROLES_ANYWHERE_SESSION_NAME_TOTP_SEED_FILE: seedFile,
    },
    secrets: [...secrets, ...seedSecrets(seed)],
  };
}

/** 160 bits in base32. */
export function newSeed(): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return Array.from(randomBytes(32), (byte) => alphabet[byte % 32]).join('');
}

export function seedSecrets(seed: string): readonly Secret[] {
  return [
    textSecret('TOTP seed', seed),
    { name: 'TOTP seed, its bytes', bytes: Buffer.from(fromBase32(seed) ?? []) },
  ];
}
