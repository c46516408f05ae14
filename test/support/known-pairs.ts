import type { CertificateFiles } from '../../src/ports.ts';

/** Pairs made beforehand, so that a program that installs or reads them need not make or verify any. */
export type KnownPairs = readonly CertificateFiles[];

/** Whether a key and a chain as somebody read them are one whole pair. */
export function isPair(pairs: KnownPairs, privkey: string, fullchain: string): boolean {
  return pairs.some((pair) => pair.privkey === privkey && pair.fullchain === fullchain);
}

/** Whether one file has all of one pair: the chain, then the key. */
export function isCombined(pairs: KnownPairs, combined: string): boolean {
  return pairs.some(({ privkey, fullchain }) => combined === fullchain + privkey);
}
