import type { CertificateRecord } from '../core/certificate-record.ts';
import { wrongClock } from '../core/clock-check.ts';
import { withoutFuture } from '../core/future-notes.ts';
import type { CertificateName } from '../core/names.ts';
import { LanacmeError } from '../errors.ts';
import type { AcmeServer, CertificateStore, Clock, Lock, Log, RenewalIndexStore } from '../ports.ts';
import { whileLocked } from './while-locked.ts';

export interface CorrectionPorts {
  readonly acme: (directoryUrl: string) => Promise<AcmeServer>;
  readonly certificates: CertificateStore;
  readonly renewals: RenewalIndexStore;
  readonly clock: Clock;
  readonly lock: Lock;
  readonly log: Log;
}

/**
 * After a run that judged no date, since by this host's clock something has happened in the future: if a CA's clock shows
 * the same time, it was an earlier run whose clock was ahead. What that has noted is corrected then, or no run would
 * judge a date until that time comes. The next run goes on.
 */
export async function correctNotes(
  names: readonly CertificateName[],
  ports: CorrectionPorts,
  signal: AbortSignal,
): Promise<void> {
  await whileLocked(ports, signal, async () => {
    const records = await readable(names, ports.certificates);
    if (!(await isRight(records, ports, signal))) return;
    const now = ports.clock.now();
    for (const record of records) {
      const corrected = withoutFuture(record, now);
      if (corrected !== record) await ports.certificates.saveRecord(corrected);
    }
    await ports.renewals.remove();
    ports.log.warn(
      `the CA's clock shows this host's time: what a clock that was ahead had noted is corrected, and the next run goes on`,
    );
  });
}

/** One that is broken tells nothing here: it is an error of its own elsewhere. */
async function readable(
  names: readonly CertificateName[],
  certificates: CertificateStore,
): Promise<readonly CertificateRecord[]> {
  const records: CertificateRecord[] = [];
  for (const name of names) {
    try {
      records.push(...[await certificates.record(name)].filter((record) => record !== undefined));
    } catch (error) {
      if (!(error instanceof LanacmeError)) throw error;
    }
  }
  return records;
}

/** By the first CA that answers. */
async function isRight(
  records: readonly CertificateRecord[],
  { acme, clock }: CorrectionPorts,
  signal: AbortSignal,
): Promise<boolean> {
  for (const server of new Set(records.map(({ spec }) => spec.server))) {
    const offset = await offsetOf(server, acme, signal);
    if (offset !== undefined) return wrongClock(clock.now(), { caOffsetMs: offset }) === undefined;
  }
  return false;
}

async function offsetOf(
  server: string,
  acme: CorrectionPorts['acme'],
  signal: AbortSignal,
): Promise<number | undefined> {
  try {
    return (await (await acme(server)).directory(signal)).clockOffsetMs;
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof LanacmeError)) throw error;
    return undefined;
  }
}
