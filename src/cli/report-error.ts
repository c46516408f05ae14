/** Any failure on standard error: its sentence, its details, what to do; at debug level also why it happened. */
import type { Log } from '../ports.ts';
import type { Failure } from './output.ts';

/** Causes of causes are followed this far. */
const deepest = 8;

export function reportFailure({ error, certificate }: Failure, log: Log): void {
  const { code, hint, details } = error;
  log.error(error.message, { code, certificate, ...(details.length > 0 ? { details } : {}), hint });
  for (const cause of causesOf(error)) log.debug(`because: ${cause}`);
}

/** What each cause says, outermost first; of what is not an expected failure also where it came from. */
function causesOf(error: Error): readonly string[] {
  const said: string[] = [];
  let causes = [error.cause];
  for (let depth = 0; depth < deepest && causes.length > 0; depth++) {
    const errors = causes.filter((cause) => cause instanceof Error);
    said.push(...errors.flatMap(linesOf));
    causes = errors.flatMap(
      (cause) => (cause instanceof AggregateError ? cause.errors : [cause.cause]) as unknown[],
    );
  }
  return said;
}

function linesOf(cause: Error): readonly string[] {
  const place = cause.stack
    ?.split('\n')
    .find((line) => /^\s+at /.test(line))
    ?.trim();
  return [`${cause.name}: ${cause.message}${place === undefined ? '' : ` ${place}`}`];
}
