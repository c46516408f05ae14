import { type RunEvent, runEnvironment } from '../core/hook-environment.ts';
import type { CertificateName } from '../core/names.ts';
import { asLanacmeErrors, type LanacmeError } from '../errors.ts';
import type { Hooks, HostHook, Log } from '../ports.ts';

export interface AroundPorts {
  readonly hooks: Hooks;
  readonly log: Log;
}

/**
 * Does `order` between the pre-hooks and the post-hooks. A hook that fails is told and keeps nobody from a certificate;
 * the post-hooks run whatever came of the orders, but for an abort.
 */
export async function aroundOrders<T>(
  names: readonly CertificateName[],
  ports: AroundPorts,
  signal: AbortSignal,
  order: () => Promise<T>,
): Promise<{ readonly value: T; readonly errors: readonly LanacmeError[] }> {
  const { pre, post } = ports.hooks.around();
  const before = await runAll(pre, { event: 'pre', names }, ports, signal);
  try {
    const value = await order();
    return { value, errors: [...before, ...(await runAll(post, { event: 'post', names }, ports, signal))] };
  } catch (error) {
    const after = signal.aborted ? [] : await runAll(post, { event: 'post', names }, ports, signal);
    for (const { message, code } of [...before, ...after]) ports.log.error(message, { code });
    throw error;
  }
}

async function runAll(
  hooks: readonly HostHook[],
  event: RunEvent,
  ports: AroundPorts,
  signal: AbortSignal,
): Promise<readonly LanacmeError[]> {
  const errors: LanacmeError[] = [];
  for (const hook of hooks) errors.push(...(await runOne(hook, event, ports, signal)));
  return errors;
}

async function runOne(
  { command, refusal }: HostHook,
  event: RunEvent,
  { hooks, log }: AroundPorts,
  signal: AbortSignal,
): Promise<readonly LanacmeError[]> {
  if (refusal !== undefined) return [refusal];
  log.info(`running the ${event.event}-hook`, { command });
  try {
    const result = await hooks.run(command, runEnvironment(event), signal);
    return result.kind === 'failed' ? [result.error] : [];
  } catch (error) {
    signal.throwIfAborted();
    return asLanacmeErrors(error);
  }
}
