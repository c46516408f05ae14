import { describe, expect, it } from 'vitest';
import { withMetrics } from '../../src/cli/with-metrics.ts';
import { LanacmeError, SeveralErrors } from '../../src/errors.ts';
import type { CertificateStore } from '../../src/ports.ts';
import { FakeClock } from '../fakes/clock.ts';

const failed = new LanacmeError('hook.failed', 'the hook failed', { hint: 'mend it' });
const locked = new LanacmeError('state.locked', 'another run', { hint: 'wait', outcome: 'wait' });
const unwritable = new LanacmeError('metrics.unwritable', 'no such folder', { hint: 'make it' });
const done = { text: 'done', certificates: [], failures: [] };

/** A run that is watched, and what was written of it. */
function watched({ isWritable = true } = {}) {
  const written: string[] = [];
  const deps = {
    clock: new FakeClock(),
    certificates: { names: async () => await Promise.resolve([]) } as unknown as CertificateStore,
    metrics: {
      version: '1.2.3',
      requests: () => [{ service: 'acme', operation: 'newOrder', requests: 2 } as const],
      rootHooks: async () => {
        await Promise.resolve();
        return undefined;
      },
      file: {
        write: async (text: string) => {
          await (isWritable ? Promise.resolve(written.push(text)) : Promise.reject(unwritable));
        },
      },
    },
  };
  return { deps, written };
}

describe('a command with metrics', () => {
  it.each([
    ['success', [], 0],
    ['a failure', [failed, locked], 1],
    ['a wait', [locked], 75],
  ])('writes them after %s', async (_what, errors, code) => {
    const { deps, written } = watched();
    const result = { ...done, failures: errors.map((error) => ({ error })) };
    expect(await withMetrics(async () => await Promise.resolve(result), deps)).toEqual(result);
    expect(written).toHaveLength(1);
    expect(written[0]).toContain(`lanacme_last_run_exit_code ${code}\n`);
    expect(written[0]).toContain('lanacme_last_run_requests{service="acme",operation="newOrder"} 2\n');
    expect(written[0]).toContain('lanacme_build_info{version="1.2.3"} 1\n');
  });

  it('writes them when it throws, and throws the same', async () => {
    const { deps, written } = watched();
    await expect(withMetrics(async () => await Promise.reject(locked), deps)).rejects.toBe(locked);
    expect(written[0]).toContain('lanacme_last_run_exit_code 75\n');
  });

  it('tells that they could not be written beside what it has done, or what it failed at', async () => {
    const { deps } = watched({ isWritable: false });
    expect(await withMetrics(async () => await Promise.resolve(done), deps)).toEqual({
      ...done,
      failures: [{ error: unwritable }],
    });
    const thrown = withMetrics(async () => await Promise.reject(failed), deps);
    await expect(thrown).rejects.toEqual(new SeveralErrors([failed, unwritable]));
  });

  it('that nobody asked for writes none', async () => {
    const { clock, certificates } = watched().deps;
    expect(await withMetrics(async () => await Promise.resolve(done), { clock, certificates })).toEqual(done);
  });
});
