import type { CertificateRecord } from '../core/certificate-record.ts';
import { mayAsk, nextSuggestion, type SuggestionAnswer } from '../core/renewal-suggestion.ts';
import { LanacmeError } from '../errors.ts';
import type { AcmeServer, Clock, Log, Random } from '../ports.ts';

export interface RenewalInfoPorts {
  /** Loaded only if it is asked. */
  readonly acme: (directoryUrl: string) => Promise<AcmeServer>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** The servers that did not answer in this run: the next certificate need not wait for them again. */
export type SilentServers = Map<string, LanacmeError>;

/** Whether the CA of the live certificate may be asked now when that is best renewed. */
export function mayAskRenewalInfo({ installed, ari }: CertificateRecord, now: Date): boolean {
  const notAfter = installed?.inspection?.notAfter;
  if (installed?.certId === undefined) return false;
  return mayAsk(ari, installed.certId, now, notAfter === undefined ? new Date(8.64e15) : new Date(notAfter));
}

/**
 * Asks the CA when the live certificate is best renewed (RFC 9773), if it may be asked now. Returns the record with what
 * is known then, to be saved by the caller. A CA that fails neither stops a renewal nor hastens it: it is asked again
 * later.
 */
export async function askRenewalInfo(
  record: CertificateRecord,
  ports: RenewalInfoPorts,
  signal: AbortSignal,
  silent: SilentServers = new Map(),
): Promise<CertificateRecord> {
  const { installed } = record;
  if (installed?.certId === undefined || !mayAskRenewalInfo(record, ports.clock.now())) return record;
  const { certId, spec } = installed;
  const answer = await ask(record.name, spec.server, certId, ports, signal, silent);
  const draw = { now: ports.clock.now(), chance: ports.random.number() };
  const ari = nextSuggestion(record.ari, certId, answer, draw);
  if (ari.window !== undefined && ari.window.start !== record.ari?.window?.start) {
    const { window, renewAt, explanationUrl } = ari;
    ports.log.info(`the CA suggests to renew ${record.name} between ${window.start} and ${window.end}`, {
      renewAt,
      ...(explanationUrl === undefined ? {} : { see: explanationUrl }),
    });
  }
  return { ...record, ari };
}

async function ask(
  name: string,
  server: string,
  certId: string,
  { acme, log }: RenewalInfoPorts,
  signal: AbortSignal,
  silent: SilentServers,
): Promise<SuggestionAnswer> {
  const known = silent.get(server);
  if (known !== undefined) return { kind: 'failed', retryAt: known.retryAt };
  try {
    const ca = await acme(server);
    if ((await ca.directory(signal)).renewalInfo === undefined) return { kind: 'not-offered' };
    return { kind: 'answered', ...(await ca.renewalInfo(certId, signal)) };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof LanacmeError)) throw error;
    if (isOfTheServer.has(error.code)) silent.set(server, error);
    log.warn(`the CA could not be asked when to renew ${name}: ${error.message}`, { code: error.code });
    return { kind: 'failed', retryAt: error.retryAt };
  }
}

/** What has nothing to do with the certificate that it was asked about. */
const isOfTheServer: ReadonlySet<string> = new Set([
  'acme.unreachable',
  'acme.server-untrusted',
  'acme.server-error',
  'acme.rate-limited',
]);
