import { createPrivateKey, type KeyObject } from 'node:crypto';
import { LanacmeError } from '../errors.ts';
import type { CertbotRenewal } from './certbot-renewal.ts';
import type { CertificateFacts } from './certificate-facts.ts';
import { pairProblem } from './certificate-pair.ts';
import type { CertificateSpec, CertificateTerms } from './certificate-record.ts';
import { termsOf } from './certificate-terms.ts';
import { keyTypeOf, kindOfKey } from './key-type.ts';
import { checkInZone } from './lan-zone.ts';
import type { CertificateName, DnsName } from './names.ts';
import { ChainFlaw, type UsableChain, usableChain } from './usable-chain.ts';

/** The PEM texts that `live/NAME` of certbot leads to. */
export interface LineageFiles {
  readonly privkey: string;
  readonly cert: string;
  readonly fullchain: string;
}

/** A certificate of certbot in the terms of lanacme. */
export interface Lineage {
  readonly name: CertificateName;
  readonly renewal: CertbotRenewal;
  readonly spec: CertificateSpec;
  readonly terms: CertificateTerms;
  /** As they are written to disk; the key is PKCS#8. */
  readonly files: LineageFiles & { readonly chain: string };
  readonly facts: CertificateFacts;
}

/**
 * Judges what certbot keeps of a certificate: its key and chain belong together and are in date, its names are in the
 * LAN zone, and its key is of a kind that is made here. The kind counts, not what the renewal file says of the next one.
 *
 * @throws LanacmeError that says why it is left to certbot.
 */
export function lineageOf(
  name: CertificateName,
  renewal: CertbotRenewal,
  files: LineageFiles,
  { zone, now }: { readonly zone: DnsName; readonly now: Date },
): Lineage {
  const key = readKey(name, files.privkey);
  const problem = pairProblem(files);
  if (problem !== undefined) throw unusable(name, problem);
  const keyPem = key.export({ type: 'pkcs8', format: 'pem' }).toString();
  const { facts, ...chain } = chainOf(name, files.fullchain, keyPem, now);
  checkInZone(facts.domains, zone);
  const keyType = keyTypeOf(key);
  if (keyType === undefined) throw otherKind(name, key, facts);
  const { server, profile, preferredChain, profileFallback, reuseKey } = renewal;
  return {
    name,
    renewal,
    spec: {
      domains: facts.domains,
      server,
      keyType,
      ...(profile === undefined ? {} : { profile }),
      ...(preferredChain === undefined ? {} : { preferredChain }),
    },
    terms: termsOf({ profileFallback: profileFallback && true, reuseKey: reuseKey && true }),
    files: { privkey: keyPem, ...chain },
    facts,
  };
}

function readKey(name: CertificateName, pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    // What is said of it may quote the key.
    const isEncrypted = /ENCRYPTED/.test(pem);
    throw unusable(name, `privkey.pem is ${isEncrypted ? 'encrypted' : 'not a private key'}`);
  }
}

function chainOf(name: CertificateName, fullchain: string, keyPem: string, now: Date): UsableChain {
  try {
    return usableChain(fullchain, { keyPem, now });
  } catch (error) {
    if (error instanceof ChainFlaw) throw unusable(name, error.message);
    throw error;
  }
}

function otherKind(name: CertificateName, key: KeyObject, { domains }: CertificateFacts): LanacmeError {
  const names = domains.map((domain) => `--domain '${domain}'`).join(' ');
  const message = `certbot's ${name} has a key of a kind that lanacme makes none of (${kindOfKey(key)})`;
  return new LanacmeError('import.key-type', message, {
    hint: `order it anew: lanacme issue --name ${name} ${names}`,
  });
}

function unusable(name: CertificateName, why: string): LanacmeError {
  return new LanacmeError('certificate.unusable', `certbot's ${name} cannot be used: ${why}`, {
    hint: 'have certbot renew it, then import again; or order it anew: lanacme issue',
  });
}
