import type { CertificateFacts } from '../core/certificate-facts.ts';
import type { CertificateRecord } from '../core/certificate-record.ts';
import { hookFailed, hookSucceeded, owedHooks } from '../core/deployment.ts';
import { deployEnvironment } from '../core/hook-environment.ts';
import { rfc3339 } from '../core/rfc3339.ts';
import type { LanacmeError } from '../errors.ts';
import type { CertificateStore, Clock, Hooks, LiveVersion, Log } from '../ports.ts';

export interface DeployPorts {
  readonly certificates: CertificateStore;
  readonly hooks: Hooks;
  readonly clock: Clock;
  readonly log: Log;
}

export interface DeployRequest {
  /** As `recordInstallation` or `withDeployHooks` made it: it says which version each hook is owed. */
  readonly record: CertificateRecord;
  readonly live: LiveVersion;
  readonly facts: CertificateFacts;
  /** Runs every hook, not only those that are owed. */
  readonly force: boolean;
}

export interface Deployed {
  readonly record: CertificateRecord;
  /** One for each hook that failed; it is remembered in the record and stays owed. */
  readonly errors: readonly LanacmeError[];
}

/**
 * Runs each hook that is owed once, in order, and saves after each what it did: a hook that is not noted as done runs
 * again in the next run. One that fails does not keep the others from running; an abort leaves the rest owed.
 */
export async function deploy(
  { record, live, facts, force }: DeployRequest,
  ports: DeployPorts,
  signal: AbortSignal,
): Promise<Deployed> {
  const hooks = force ? record.hooks : owedHooks(record);
  if (hooks.length === 0) return { record, errors: [] };
  const { name, spec, installed } = record;
  const event = { name, version: live.version, path: live.path, facts, spec: installed?.spec ?? spec };
  const environment = deployEnvironment(event);
  const errors: LanacmeError[] = [];
  let current = record;
  for (const { command } of hooks) {
    signal.throwIfAborted();
    ports.log.info('running the deploy hook', { certificate: name, command });
    const result = await ports.hooks.run(command, environment, signal);
    if (result.kind === 'failed') errors.push(result.error);
    current =
      result.kind === 'succeeded'
        ? hookSucceeded(current, command)
        : hookFailed(current, command, result.error, rfc3339(ports.clock.now()));
    await ports.certificates.saveRecord(current);
  }
  return { record: current, errors };
}
