import { type ErrorCode, LanacmeError } from '../errors.ts';

/** What a look before the order brought to light: one line, and what mends it. */
export interface Finding {
  /** Whether the order is sure to fail, may fail, or is only worth a word. */
  readonly weight: 'stops' | 'warns' | 'note';
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

/** As a failure: nothing has been ordered. */
export function findingError({ code, message, hint }: Finding): LanacmeError {
  return new LanacmeError(code, message, { hint: `${hint} (--skip-preflight orders all the same)` });
}
