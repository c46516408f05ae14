import { describe, expect, it } from 'vitest';
import type { CertificateRecord, HookState } from '../../src/core/certificate-record.ts';
import {
  type DeploymentDue,
  type DeploymentSituation,
  deploymentDue,
  isPutBackDue,
} from '../../src/core/deployment-due.ts';
import { deploymentDelayMs } from '../../src/core/hook-backoff.ts';
import { parseCertificateName, parseDomain } from '../../src/core/names.ts';
import { olderVersions } from '../../src/core/set-aside.ts';

const at = '2026-11-22T12:00:00Z';
const later = '2026-11-22T12:20:00Z';
const spec = {
  domains: [parseDomain('lan.example')],
  server: 'https://ca.example/dir',
  keyType: 'ec256',
} as const;
const version = (number: string) => ({ version: number, at, spec });
const base: CertificateRecord = {
  format: 1,
  name: parseCertificateName('lan.example'),
  spec,
  deployHooks: [],
  installed: version('0002'),
  earlier: [version('0001')],
  hooks: [],
};
const done: HookState = { command: 'a', wanted: '0002', done: '0002' };
const owed: HookState = { command: 'b', wanted: '0002' };
const waiting: HookState = { command: 'c', wanted: '0002', backoff: { failures: 5, until: later } };
const error = { code: 'hook.failed', message: 'no', hint: 'x', at };
const aside = { installed: version('0003'), backoff: { failures: 5, until: later }, error };
const seen = (problem?: string, number = '0002'): Partial<CertificateRecord> => ({
  served: {
    version: number,
    at,
    checks: [{ target: 'a:443', ...(problem === undefined ? {} : { problem }) }],
    ...(problem === undefined ? {} : { backoff: { failures: 4, until: later } }),
  },
});

const situation = (
  record: Partial<CertificateRecord>,
  changes: Partial<DeploymentSituation> = {},
): DeploymentSituation => ({
  record: { ...base, ...record },
  commands: (record.hooks ?? []).map(({ command }) => command),
  rootHooks: [],
  checks: [],
  force: false,
  heedsBackoff: true,
  now: new Date(at),
  ...changes,
});
const nothing: DeploymentDue = { kind: 'nothing' };
const due: DeploymentDue = { kind: 'due' };
const wait: DeploymentDue = { kind: 'wait', until: new Date(later) };

describe('a deployment', () => {
  it.each<[string, DeploymentDue, Partial<CertificateRecord>, Partial<DeploymentSituation>?]>([
    ['has nothing to do without hooks and checks', nothing, {}],
    ['has nothing to do when all is done', nothing, { hooks: [done], ...seen() }, { checks: ['a:443'] }],
    ['does what is done again when forced', due, { hooks: [done] }, { force: true }],
    ['does what is owed', due, { hooks: [done, owed] }],
    ['leaves what another run has to do', nothing, { hooks: [done, owed] }, { commands: ['a'] }],
    ['does what root is owed', due, { hooks: [done] }, { rootHooks: [owed] }],
    ['does what can be done while another hook waits', due, { hooks: [owed, waiting] }],
    ['waits when every hook that is owed failed lately', wait, { hooks: [done, waiting] }],
    ["waits for root's hooks, too", wait, {}, { rootHooks: [waiting] }],
    ['does not make a person wait', due, { hooks: [waiting] }, { heedsBackoff: false }],
    ['goes on when the backoff is over', due, { hooks: [waiting] }, { now: new Date(later) }],
    ['makes a check that was never made', due, {}, { checks: ['a:443'] }],
    ['makes one of another version again', due, seen(undefined, '0001'), { checks: ['a:443'] }],
    [
      'waits after checks that failed, with its hooks',
      wait,
      { hooks: [owed], ...seen('no') },
      { checks: ['a:443'] },
    ],
    ['waits to put back what was set aside', wait, { hooks: [done], setAside: aside }],
    ['puts it back when that is over', due, { setAside: aside }, { now: new Date(later) }],
    [
      'leaves a version that a person left',
      nothing,
      { setAside: aside, held: ['0003'] },
      { heedsBackoff: false },
    ],
  ])('%s', (_, expected, record, changes) => {
    expect(deploymentDue(situation(record, changes))).toEqual(expected);
  });

  it('puts a version back only when that is due', () => {
    expect(isPutBackDue(situation({ setAside: aside }))).toBe(false);
    expect(isPutBackDue(situation({ setAside: aside }, { heedsBackoff: false }))).toBe(true);
    expect(isPutBackDue(situation({}))).toBe(false);
  });

  it('waits longer with each failure in a row, and never a whole hour', () => {
    const minutes = Array.from({ length: 9 }, (_, index) => deploymentDelayMs(index + 1) / 60_000);
    expect(minutes).toEqual([0, 0, 0, 5, 10, 20, 40, 50, 50]);
  });
});

describe('versions', () => {
  it('that may be gone back to are older, and were not left by a person', () => {
    const record = { ...base, installed: version('0005'), held: ['0003'] };
    const earlier = ['0006', '0004', '0003', '0002'].map(version);
    expect(olderVersions({ ...record, earlier }).map((one) => one.version)).toEqual(['0004', '0002']);
    expect(olderVersions({ ...base, hooks: [] }).map((one) => one.version)).toEqual(['0001']);
  });
});
