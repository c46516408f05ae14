import { describe, expect, it } from 'vitest';
import type { CertificateRecord, CertificateSpec } from '../../src/core/certificate-record.ts';
import {
  hookFailed,
  hookSucceeded,
  owedHooks,
  recordInstallation,
  recordOfLive,
  recordOrder,
  withDeployHooks,
  withHooks,
} from '../../src/core/deployment.ts';
import { parseCertificateName, parseDomain } from '../../src/core/names.ts';

const name = parseCertificateName('lan.example');
const spec: CertificateSpec = {
  domains: [parseDomain('lan.example')],
  server: 'https://ca.example/dir',
  keyType: 'ec256',
};
const at = '2026-11-22T12:00:00Z';
const now = new Date(at);
const failure = { code: 'hook.failed', message: 'the hook failed', hint: 'mend it' };

const installation = (version: string, deployHooks: readonly string[]) => ({
  name,
  spec,
  deployHooks,
  version,
  at,
});
const first = (...deployHooks: readonly string[]): CertificateRecord =>
  recordInstallation(undefined, installation('0001', deployHooks));

describe('an installation', () => {
  it('owes every hook the new version', () => {
    expect(first('a', 'b')).toEqual({
      format: 1,
      name,
      spec,
      deployHooks: ['a', 'b'],
      installed: { version: '0001', at, spec },
      hooks: [
        { command: 'a', wanted: '0001' },
        { command: 'b', wanted: '0001' },
      ],
      lastAttempt: { at },
    });
  });

  it('runs a hook that was given twice once', () => {
    expect(owedHooks(first('a', 'a'))).toEqual([{ command: 'a', wanted: '0001' }]);
  });

  it('remembers what a hook has done, and owes it again', () => {
    const next = recordInstallation(hookSucceeded(first('a'), 'a'), installation('0002', ['a']));
    expect(next.hooks).toEqual([{ command: 'a', wanted: '0002', done: '0001' }]);
    expect(owedHooks(next)).toHaveLength(1);
  });

  it('clears the error of an earlier order', () => {
    const failed = { ...first('a'), lastAttempt: { at, error: failure } };
    expect(recordInstallation(failed, installation('0002', ['a'])).lastAttempt).toEqual({ at });
  });
});

describe('a hook', () => {
  it('that succeeded is owed nothing, and its failure is forgotten', () => {
    const record = hookSucceeded(hookFailed(first('a', 'b'), 'a', failure, now), 'a');
    expect(record.hooks[0]).toEqual({ command: 'a', wanted: '0001', done: '0001' });
    expect(owedHooks(record).map((hook) => hook.command)).toEqual(['b']);
  });

  it('that failed stays owed, with its error and nothing else of it', () => {
    const thrown = Object.assign(new Error(failure.message), failure, { details: ['x'] });
    const record = hookFailed(first('a'), 'a', thrown, now);
    expect(record.hooks).toEqual([
      { command: 'a', wanted: '0001', lastError: { ...failure, at }, backoff: { failures: 1, until: at } },
    ]);
  });

  it('that failed with a new version is still known to have done the one before', () => {
    const next = recordInstallation(hookSucceeded(first('a'), 'a'), installation('0002', ['a']));
    expect(hookFailed(next, 'a', failure, now).hooks[0]).toMatchObject({ done: '0001', wanted: '0002' });
  });

  it('that had succeeded and failed when it was forced is owed again', () => {
    const record = hookFailed(hookSucceeded(first('a'), 'a'), 'a', failure, now);
    expect(owedHooks(record)).toHaveLength(1);
  });
});

describe('hooks given anew', () => {
  const done = hookSucceeded(first('a'), 'a');

  it('are owed the version in place', () => {
    const record = withDeployHooks(done, ['a', 'b']);
    expect(record.deployHooks).toEqual(['a', 'b']);
    expect(owedHooks(record)).toEqual([{ command: 'b', wanted: '0001' }]);
  });

  it('replace those that are gone', () => {
    expect(withDeployHooks(done, ['b']).hooks).toEqual([{ command: 'b', wanted: '0001' }]);
  });

  it('wait for a version when there is none', () => {
    const record: CertificateRecord = { format: 1, name, spec, deployHooks: [], hooks: [] };
    expect(withDeployHooks(record, ['a'])).toEqual({ ...record, deployHooks: ['a'] });
  });

  it('leave those that run for every certificate as they are', () => {
    const all = hookSucceeded(
      withHooks(done, ['a', '/etc/lanacme/deploy.d/all']),
      '/etc/lanacme/deploy.d/all',
    );
    expect(withDeployHooks(all, ['b']).hooks).toEqual([
      { command: 'b', wanted: '0001' },
      { command: '/etc/lanacme/deploy.d/all', wanted: '0001', done: '0001' },
    ]);
  });
});

describe('a hook that failed several times', () => {
  const often = (times: number): CertificateRecord =>
    Array.from({ length: times }).reduce<CertificateRecord>(
      (record) => hookFailed(record, 'a', failure, now),
      first('a'),
    );

  it('counts that', () => {
    expect(often(4).hooks[0]?.backoff).toEqual({ failures: 4, until: '2026-11-22T12:05:00Z' });
  });

  it('is tried at once with a new version', () => {
    const [hook] = recordInstallation(often(9), installation('0002', ['a'])).hooks;
    expect(hook).toEqual({ command: 'a', wanted: '0002', lastError: { ...failure, at } });
  });
});

describe('a run that died', () => {
  const rsa: CertificateSpec = { ...spec, keyType: 'rsa2048' };

  it('after its order was noted left what was in place', () => {
    const record = recordOrder(hookSucceeded(first('a'), 'a'), { name, spec: rsa, deployHooks: ['a', 'b'] });
    expect(record.spec).toEqual(rsa);
    expect(record.installed).toEqual({ version: '0001', at, spec });
    expect(recordOfLive(record, '0001', at)).toBe(record);
  });

  it('after the flip left a version that is owed to every hook', () => {
    const record = recordOrder(hookSucceeded(first('a'), 'a'), { name, spec: rsa, deployHooks: ['a', 'b'] });
    const found = recordOfLive(record, '0002', '2026-11-22T13:00:00Z');
    expect(found.installed).toEqual({ version: '0002', at: '2026-11-22T13:00:00Z', spec: rsa });
    expect(found.hooks).toEqual([
      { command: 'a', wanted: '0002', done: '0001' },
      { command: 'b', wanted: '0002' },
    ]);
  });

  it('after the flip left a version whose origin it had noted, and nothing that was known of the one before', () => {
    const origin = { account: 'https://ca.example/account/1', certId: 'aYhb.AIdl' };
    const order = { name, spec: rsa, deployHooks: [] };
    const before = { ...first('a'), backoff: { failures: 1, until: at } };
    const record = recordOrder(before, order, { serial: '4c01', ...origin });
    const installed = { version: '0002', at, spec: rsa };
    expect(recordOfLive(record, '0002', at, '4c01').installed).toEqual({ ...installed, ...origin });
    expect(recordOfLive(record, '0002', at, '4c02').installed).toEqual(installed);
    expect(recordOfLive(record, '0002', at, '4c01')).not.toHaveProperty('backoff');
    expect(recordInstallation(record, installation('0002', []))).not.toHaveProperty('arriving');
  });

  it('after its first flip left a version that is owed to every hook', () => {
    const record = recordOrder(undefined, { name, spec, deployHooks: ['a'] });
    expect(record).toEqual({ format: 1, name, spec, deployHooks: ['a'], hooks: [] });
    expect(owedHooks(recordOfLive(record, '0001', at))).toEqual([{ command: 'a', wanted: '0001' }]);
  });

  it('in the middle of going back left a version that it knows', () => {
    const before = recordInstallation(hookSucceeded(first('a'), 'a'), installation('0002', ['a']));
    expect(recordOfLive(before, '0001', at)).toMatchObject({
      installed: { version: '0001', at, spec },
      earlier: [{ version: '0002' }],
      hooks: [{ command: 'a', wanted: '0001' }],
    });
    expect(owedHooks(recordOfLive(before, '0001', at))).toHaveLength(1);
  });
});
