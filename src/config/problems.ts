import { type ErrorCode, LanacmeError, SeveralErrors } from '../errors.ts';

/** Everything that is wrong with a configuration, collected so that it can be shown at once. */
export class Problems {
  readonly #found: LanacmeError[];

  constructor(found: readonly LanacmeError[] = []) {
    this.#found = [...found];
  }

  get found(): readonly LanacmeError[] {
    return this.#found;
  }

  add(...errors: readonly LanacmeError[]): void {
    this.#found.push(...errors);
  }

  /** What `read` returns; if it refuses, undefined, and the refusal is kept together with where the value came from. */
  attempt<T>(origin: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof LanacmeError)) throw error;
      const { code, hint, details, cause } = error;
      this.add(
        new LanacmeError(code, `${origin}: ${error.message}`, { hint, details, cause, outcome: 'usage' }),
      );
      return undefined;
    }
  }

  /** Throws everything found, if anything was. */
  throwIfAny(): void {
    if (this.#found.length > 0) throw new SeveralErrors(this.#found);
  }
}

/** A mistake in what the user wrote: exit 2, nothing was sent anywhere. */
export function configProblem(code: ErrorCode, message: string, hint: string, cause?: unknown): LanacmeError {
  return new LanacmeError(code, message, { hint, cause, outcome: 'usage' });
}

/** A value that does not fit; callers prefix where it came from (see `Problems.attempt`). */
export function invalidValue(message: string, hint: string): LanacmeError {
  return configProblem('config.invalid-value', message, hint);
}
