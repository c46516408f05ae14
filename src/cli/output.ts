/** Results on standard output: what a person reads, or with `--json` one object in every case. */
import type { CertificateRow } from '../core/certificate-row.ts';
import { safeJson } from '../core/escape.ts';
import type { LanacmeError } from '../errors.ts';

/** A failure and, where it is about one, the certificate's name. */
export interface Failure {
  readonly error: LanacmeError;
  readonly certificate?: string | undefined;
}

/** What a command has to say at its end. */
export interface CommandResult {
  /** A path, a table: what stands on standard output without `--json`; nothing if empty. */
  readonly text: string;
  /** What `--json` tells of each certificate that the command was about. */
  readonly certificates: readonly CertificateRow[];
  /** What failed without stopping the rest. */
  readonly failures: readonly Failure[];
  /** Further members of the one object that `--json` prints. */
  readonly more?: Readonly<Record<string, unknown>>;
}

/** The whole of standard output. */
export function resultText(result: CommandResult, json: boolean): string {
  if (json)
    return `${safeJson({ certificates: result.certificates, ...result.more, errors: result.failures.map(errorRow) })}\n`;
  return result.text === '' || result.text.endsWith('\n') ? result.text : `${result.text}\n`;
}

function errorRow({ error, certificate }: Failure): object {
  return {
    code: error.code,
    message: error.message,
    hint: error.hint,
    certificate: certificate ?? null,
    ...(error.details.length > 0 ? { details: error.details } : {}),
    ...(error.retryAt === undefined ? {} : { retryAt: error.retryAt.toISOString() }),
  };
}
