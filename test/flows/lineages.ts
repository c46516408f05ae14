import { X509Certificate } from 'node:crypto';
import type { RenewalInfo } from '../../src/ports.ts';
import type { FakeAcmeServer } from '../fakes/acme-server.ts';
import { hourMs } from './weather.ts';

/** A certificate that the CA issued. Instants are milliseconds since 1970. */
export interface Issued {
  readonly at: number;
  readonly serial: string;
  /** For ARI and `replaces`. */
  readonly certId: string;
  /** As the CA suggests it now. */
  readonly window: RenewalInfo['window'];
}

/** The certificates of a name, oldest first. */
export interface Lineage {
  readonly name: string;
  readonly issued: readonly Issued[];
}

export function lineagesOf({ issued, renewals }: FakeAcmeServer): readonly Lineage[] {
  const byName = new Map<string, Issued[]>();
  for (const {
    chains: [pem = ''],
    serial,
    ariId,
  } of issued) {
    const { subjectAltName = '', validFrom } = new X509Certificate(pem);
    const name = subjectAltName.replace(/^DNS:/, '');
    // Certificates are backdated by an hour.
    const at = Date.parse(validFrom) + hourMs;
    const one = { at, serial, certId: ariId, window: renewals.info(ariId).window };
    byName.set(name, [...(byName.get(name) ?? []), one]);
  }
  return Array.from(byName, ([name, all]) => ({ name, issued: all }));
}
