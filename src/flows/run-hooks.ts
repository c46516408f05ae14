import { hookFailed, hookSucceeded } from '../core/deployment.ts';
import { type DeploymentSituation, hooksToTry, rootHooksToTry } from '../core/deployment-due.ts';
import { deployEnvironment, type HookEnvironment } from '../core/hook-environment.ts';
import type { LanacmeError } from '../errors.ts';
import type { HookResult } from '../ports.ts';
import type { DeployPorts, InPlace } from './deployment-situation.ts';

/** What is in place after hooks ran, and one failure for each that failed: it stays owed. */
export interface HooksRun extends InPlace {
  readonly ran: number;
  readonly errors: readonly LanacmeError[];
}

/**
 * Runs each hook that is to be tried once, in order, and saves after each what it did: a hook that is not noted as
 * done runs again in the next run. One that fails does not keep the others from running; an abort leaves the rest owed.
 */
export async function runHooks(
  { live, facts }: InPlace,
  situation: DeploymentSituation,
  ports: DeployPorts,
  signal: AbortSignal,
): Promise<HooksRun> {
  const { name, spec, installed } = situation.record;
  const event = { name, version: live.version, path: live.path, facts, spec: installed?.spec ?? spec };
  const errors: LanacmeError[] = [];
  let { record } = situation;
  const hooks = hooksToTry(situation);
  for (const { command } of hooks) {
    signal.throwIfAborted();
    ports.log.info('running the deploy hook', { certificate: name, command });
    const result = await runHook(command, deployEnvironment(event), ports, signal);
    if (result.kind === 'failed') errors.push(result.error);
    record =
      result.kind === 'succeeded'
        ? hookSucceeded(record, command)
        : hookFailed(record, command, result.error, ports.clock.now());
    await ports.certificates.saveRecord(record);
  }
  const ofRoot = await runRootHooks(situation, ports, signal);
  return { record, live, facts, ran: hooks.length + ofRoot.ran, errors: [...errors, ...ofRoot.errors] };
}

async function runHook(
  command: string,
  environment: HookEnvironment,
  { hooks }: DeployPorts,
  signal: AbortSignal,
): Promise<HookResult> {
  const ofHost = hooks.ofHost().find((hook) => hook.command === command);
  if (ofHost?.refusal !== undefined) return { kind: 'failed', error: ofHost.refusal };
  return ofHost?.isFile === true
    ? await hooks.runFile(command, environment, signal)
    : await hooks.run(command, environment, signal);
}

/** Root notes itself what its hooks did. */
async function runRootHooks(
  situation: DeploymentSituation,
  { hooks }: DeployPorts,
  signal: AbortSignal,
): Promise<Pick<HooksRun, 'ran' | 'errors'>> {
  const { record, force } = situation;
  const toTry = rootHooksToTry(situation);
  if (hooks.root === undefined || toTry.length === 0) return { ran: 0, errors: [] };
  signal.throwIfAborted();
  return { ran: toTry.length, errors: await hooks.root.deploy(record.name, force, signal) };
}
