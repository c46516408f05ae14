import { describe, expect, it } from 'vitest';
import type { CertificateRecord, HookState } from '../../src/core/certificate-record.ts';
import { deploymentError, deploymentRow } from '../../src/core/deployment-row.ts';
import { parseCertificateName, parseDomain } from '../../src/core/names.ts';

const at = '2026-01-01T00:00:00Z';
const until = '2026-01-01T01:00:00Z';
const domains = [parseDomain('lan.example')];
const spec = { domains, server: 'https://ca.example/dir', keyType: 'ec256' } as const;
const failure = { code: 'hook.failed', message: 'the hook failed', hint: 'mend it', at };
const done: HookState = { command: 'reload', wanted: '0002', done: '0002' };
const failed: HookState = { command: 'restart', wanted: '0002', done: '0001', lastError: failure };
const record: CertificateRecord = {
  format: 1,
  name: parseCertificateName('lan.example'),
  spec,
  deployHooks: ['reload'],
  installed: { version: '0002', at, spec },
  hooks: [done],
};
const served = (version: string, problem?: string): Partial<CertificateRecord> => ({
  served: {
    version,
    at,
    checks: [{ target: 'nas.lan:443', ...(problem === undefined ? {} : { problem }) }],
  },
});
const setAside = {
  installed: { version: '0003', at, spec },
  backoff: { failures: 2, until },
  error: { code: 'deploy.not-served', message: 'nas.lan:443 serves another', hint: 'look', at },
};

describe('the deployment of a certificate', () => {
  it.each<[string, Partial<CertificateRecord>, readonly HookState[], boolean, string | undefined]>([
    ['is done without hooks', { hooks: [] }, [], true, undefined],
    ['is done when every hook has succeeded', {}, [{ ...done, command: 'as root' }], true, undefined],
    ['is not before there is a version', { installed: undefined } as never, [], false, undefined],
    ['is not while a hook is owed', { hooks: [done, { ...failed, done: '0001' }] }, [], false, failure.code],
    ['is not while a hook of root is owed', {}, [failed], false, failure.code],
    ['is done when servers show it', served('0002'), [], true, undefined],
    ['is not when one shows another', served('0002', 'serves another'), [], false, 'deploy.not-served'],
    ['is done whatever they showed of a version before', served('0001', 'x'), [], true, undefined],
    ['is not while a newer version is set aside', { setAside }, [], false, 'deploy.not-served'],
    ['is done when a version is held: a person wants it so', { held: ['0003'] }, [], true, undefined],
  ])('%s', (_what, changes, rootHooks, deployed, code) => {
    const its = { ...record, ...changes };
    expect(deploymentRow(its, rootHooks).deployed).toBe(deployed);
    expect(deploymentError(its, rootHooks)?.code).toBe(code);
  });

  it('tells of every hook, server and version', () => {
    const hooks = [done, { ...failed, backoff: { failures: 4, until } }];
    expect(
      deploymentRow({ ...record, hooks, ...served('0002', 'times out'), setAside, held: ['0001'] }, [failed]),
    ).toEqual({
      deployed: false,
      hooks: [
        { command: 'reload', wanted: '0002', done: '0002', error: null, nextAttempt: null },
        { command: 'restart', wanted: '0002', done: '0001', error: failure, nextAttempt: until },
        { command: 'restart', wanted: '0002', done: '0001', error: failure, nextAttempt: null },
      ],
      served: [{ target: 'nas.lan:443', at, version: '0002', problem: 'times out' }],
      setAside: { version: '0003', error: setAside.error, nextAttempt: until },
      held: ['0001'],
    });
  });

  it('is nothing without a record', () => {
    const nothing = { deployed: false, hooks: [], served: [], setAside: null, held: [] };
    expect(deploymentRow(undefined, [])).toEqual(nothing);
    expect(deploymentError(undefined, [])).toBeUndefined();
  });

  it('has the version that was set aside as its error before a hook, and a hook before what is served', () => {
    const all = { ...record, hooks: [failed], ...served('0002', 'times out') };
    expect(deploymentError({ ...all, setAside }, [])).toBe(setAside.error);
    expect(deploymentError(all, [])).toBe(failure);
    expect(deploymentError({ ...all, hooks: [done] }, [])).toMatchObject({
      code: 'deploy.not-served',
      message: 'nas.lan:443: times out',
    });
  });
});
