import type { CertificateName } from '../core/names.ts';
import type { Log } from '../ports.ts';

/** A log in which every line tells which certificate it is about, for runs that are at work on several at once. */
export function logOfCertificate(log: Log, certificate: CertificateName): Log {
  return {
    debug: (message, fields) => {
      log.debug(message, { certificate, ...fields });
    },
    info: (message, fields) => {
      log.info(message, { certificate, ...fields });
    },
    warn: (message, fields) => {
      log.warn(message, { certificate, ...fields });
    },
    error: (message, fields) => {
      log.error(message, { certificate, ...fields });
    },
    waiting: (what) => log.waiting(`${what} (${certificate})`),
  };
}
