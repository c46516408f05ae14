import type { CertificateFiles } from '../../src/ports.ts';

/** Pairs made beforehand, so that a program that installs or reads them need not make or verify any. */
export type KnownPairs = readonly CertificateFiles[];

/** Whether a key and a chain as somebody read them are one whole pair. */
export function isPair(pairs: KnownPairs, privkey: string, fullchain: string): boolean {
  return pairs.some((pair) => pair.privkey === privkey && pair.fullchain === fullchain);
}
