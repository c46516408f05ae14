import type { CertificateRecord } from './certificate-record.ts';

/** The latest thing that a record says has happened: a clock before that is wrong. Nothing for an empty record. */
export function newestInstant(record: CertificateRecord): Date | undefined {
  const { installed, earlier = [], lastAttempt, ari, served, revoked, hooks, setAside } = record;
  const instants = [
    installed?.at,
    ...earlier.map(({ at }) => at),
    lastAttempt?.at,
    ari?.askedAt,
    served?.at,
    revoked?.at,
    setAside?.error.at,
    ...hooks.map(({ lastError }) => lastError?.at),
  ];
  return latest(instants.flatMap((instant) => (instant === undefined ? [] : [new Date(instant)])));
}

export function latest(instants: readonly Date[]): Date | undefined {
  return instants.reduce<Date | undefined>(
    (newest, next) => (newest === undefined || next > newest ? next : newest),
    undefined,
  );
}

export function earliest(instants: readonly Date[]): Date | undefined {
  return instants.reduce<Date | undefined>(
    (first, next) => (first === undefined || next < first ? next : first),
    undefined,
  );
}
