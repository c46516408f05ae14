import type { HookEnvironment } from '../../src/core/hook-environment.ts';
import type { LanacmeError } from '../../src/errors.ts';
import type { HookResult, Hooks, HostHook } from '../../src/ports.ts';

/** Notes what it is asked to run; the commands in `failing` end with that error. */
export class FakeHooks implements Hooks {
  readonly runs: { readonly command: string; readonly environment: HookEnvironment }[] = [];
  readonly failing = new Map<string, LanacmeError>();
  /** Those of the env file and of `deploy.d`. */
  host: readonly HostHook[] = [];
  pre: readonly HostHook[] = [];
  post: readonly HostHook[] = [];

  around(): { readonly pre: readonly HostHook[]; readonly post: readonly HostHook[] } {
    return { pre: this.pre, post: this.post };
  }

  ofHost(): readonly HostHook[] {
    return this.host;
  }

  async runFile(path: string, environment: HookEnvironment, signal: AbortSignal): Promise<HookResult> {
    return await this.run(path, environment, signal);
  }

  async run(command: string, environment: HookEnvironment, signal: AbortSignal): Promise<HookResult> {
    signal.throwIfAborted();
    await Promise.resolve();
    this.runs.push({ command, environment });
    const error = this.failing.get(command);
    return error === undefined ? { kind: 'succeeded' } : { kind: 'failed', error };
  }
}
