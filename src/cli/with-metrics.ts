import { exitCode } from '../core/exit-code.ts';
import { asLanacmeErrors, type LanacmeError, SeveralErrors } from '../errors.ts';
import type { ListPorts } from '../flows/list-certificates.ts';
import type { MetricsWiring } from '../ports/metrics.ts';
import type { CommandResult } from './output.ts';

/** What a run that is watched works with. */
export type MetricsDeps = Omit<ListPorts, 'rootHooks'> & { readonly metrics?: MetricsWiring };

/** Runs a command and writes its metrics, if there is a file for them, however the run has ended. */
export async function withMetrics(
  run: () => Promise<CommandResult>,
  deps: MetricsDeps,
): Promise<CommandResult> {
  try {
    const result = await run();
    const unwritten = await write(
      result.failures.map(({ error }) => error),
      deps,
    );
    return { ...result, failures: [...result.failures, ...unwritten.map((error) => ({ error }))] };
  } catch (thrown) {
    const errors = asLanacmeErrors(thrown);
    const unwritten = await write(errors, deps);
    throw unwritten.length === 0 ? thrown : new SeveralErrors([...errors, ...unwritten]);
  }
}

async function write(
  errors: readonly LanacmeError[],
  { metrics, certificates, clock }: MetricsDeps,
): Promise<readonly LanacmeError[]> {
  if (metrics === undefined) return [];
  const { version, requests, identity, file } = metrics;
  const rootHooks = await metrics.rootHooks();
  const { writeMetrics } = await import('../flows/write-metrics.ts');
  const run = { version, requests: requests(), exitCode: exitCode(errors.map(({ outcome }) => outcome)) };
  const ports = {
    certificates,
    clock,
    ...(rootHooks === undefined ? {} : { rootHooks }),
    ...(identity === undefined ? {} : { identity }),
    metrics: file,
  };
  return await writeMetrics(run, ports);
}
