import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { certificateFacts } from '../../src/core/certificate-facts.ts';
import type { CertificateRecord, CertificateSpec } from '../../src/core/certificate-record.ts';
import { owedHooks, recordInstallation } from '../../src/core/deployment.ts';
import { parseCertificateName, parseDomain } from '../../src/core/names.ts';
import { LanacmeError } from '../../src/errors.ts';
import { deployCertificate } from '../../src/flows/deploy.ts';
import type { DeployPorts, DeployTerms } from '../../src/flows/deployment-situation.ts';
import { FileCertificateStore } from '../../src/io/certificate-store.ts';
import type { HookResult, Hooks, HostHook, LiveCertificate } from '../../src/ports.ts';
import { FakeClock } from '../fakes/clock.ts';
import { FakeLog } from '../fakes/log.ts';
import { FakeServedLeaf } from '../fakes/served-leaf.ts';
import { makeCertificateFiles } from '../support/certificate-files.ts';

const files = await makeCertificateFiles({ names: ['lan.example'] });
const facts = certificateFacts(files.cert);
const name = parseCertificateName('lan.example');
const spec: CertificateSpec = {
  domains: [parseDomain('lan.example')],
  server: 'https://ca.example/dir',
  keyType: 'ec256',
};
const never = new AbortController().signal;
const failure = {
  code: 'hook.failed',
  message: 'the hook "b" failed with exit code 1',
  hint: 'mend it',
} as const;
const at = '2026-11-22T12:00:00Z';

/** Hooks that do as they are told, and remember what they were asked. */
class ScriptedHooks implements Hooks {
  readonly ran: string[] = [];
  readonly environments: object[] = [];
  failing = new Set<string>();
  during: (command: string) => void = () => undefined;
  host: readonly HostHook[] = [];

  ofHost(): readonly HostHook[] {
    return this.host;
  }

  async runFile(path: string, environment: object, signal: AbortSignal): Promise<HookResult> {
    return await this.run(`file ${path}`, environment, signal);
  }

  async run(command: string, environment: object, signal: AbortSignal): Promise<HookResult> {
    this.ran.push(command);
    this.environments.push(environment);
    this.during(command);
    await Promise.resolve();
    signal.throwIfAborted();
    if (!this.failing.has(command)) return { kind: 'succeeded' };
    return { kind: 'failed', error: new LanacmeError(failure.code, failure.message, { hint: failure.hint }) };
  }
}

let stateDir: string;
let certificates: FileCertificateStore;
let hooks: ScriptedHooks;
let served: FakeServedLeaf;
let clock: FakeClock;
let ports: DeployPorts;
let live: LiveCertificate;
beforeEach(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'lanacme-deploy-'));
  certificates = new FileCertificateStore(stateDir);
  hooks = new ScriptedHooks();
  served = new FakeServedLeaf();
  clock = new FakeClock();
  ports = { certificates, hooks, served, clock, log: new FakeLog() };
  live = await certificates.install(name, files);
});
afterEach(async () => {
  await rm(stateDir, { recursive: true });
});

const installed = (...deployHooks: readonly string[]): CertificateRecord =>
  recordInstallation(undefined, { name, spec, deployHooks, version: '0001', at });
const terms: DeployTerms = { deployHooks: [], skip: false, force: false, heedsBackoff: false };
const run = async (
  record: CertificateRecord | undefined,
  changes: Partial<DeployTerms> = {},
  signal = never,
) =>
  await deployCertificate(
    { record, live, facts, damage: undefined },
    { ...terms, ...changes },
    ports,
    signal,
  );

describe('a deployment', () => {
  it('runs every hook that is owed once, in order, and remembers it', async () => {
    const first = await run(installed('a', 'b'));
    expect(first.errors).toEqual([]);
    expect(first.record && owedHooks(first.record)).toEqual([]);
    expect(await certificates.record(name)).toEqual(first.record);
    await run(first.record);
    expect(hooks.ran).toEqual(['a', 'b']);
  });

  it('tells each what is live', async () => {
    await run(installed('a'));
    expect(hooks.environments).toEqual([
      expect.objectContaining({
        RENEWED_LINEAGE: join(stateDir, 'live/lan.example'),
        RENEWED_DOMAINS: 'lan.example',
        LANACME_HOOK_VERSION: '0001',
        LANACME_HOOK_SERIAL: facts.serial,
      }),
    ]);
  });

  it('goes on after a failure, remembers it, and tries that hook again', async () => {
    hooks.failing.add('b');
    const { record, errors } = await run(installed('a', 'b', 'c'));
    expect(hooks.ran).toEqual(['a', 'b', 'c']);
    expect(errors).toMatchObject([failure]);
    expect(await certificates.record(name)).toMatchObject({
      hooks: [
        { command: 'a', wanted: '0001', done: '0001' },
        { command: 'b', wanted: '0001', lastError: { ...failure, at } },
        { command: 'c', wanted: '0001', done: '0001' },
      ],
    });

    hooks.failing.clear();
    const again = await run(record);
    expect(hooks.ran.slice(3)).toEqual(['b']);
    expect(again.errors).toEqual([]);
    expect((await certificates.record(name))?.hooks[1]).toEqual({
      command: 'b',
      wanted: '0001',
      done: '0001',
    });
  });

  it('runs all of them when that is forced', async () => {
    const { record } = await run(installed('a', 'b'));
    hooks.failing.add('b');
    const forced = await run(record, { force: true });
    expect(hooks.ran).toEqual(['a', 'b', 'a', 'b']);
    expect(forced.record && owedHooks(forced.record)).toMatchObject([{ command: 'b' }]);
  });

  it('that is aborted leaves the rest owed, and keeps what was done', async () => {
    const stop = new AbortController();
    hooks.during = (command) => {
      if (command === 'b') stop.abort(new Error('SIGTERM'));
    };
    await expect(run(installed('a', 'b', 'c'), {}, stop.signal)).rejects.toThrow('SIGTERM');
    const kept = await certificates.record(name);
    expect(kept?.hooks).toEqual([
      { command: 'a', wanted: '0001', done: '0001' },
      { command: 'b', wanted: '0001' },
      { command: 'c', wanted: '0001' },
    ]);
  });

  it('with nothing owed writes nothing', async () => {
    expect(await run(installed())).toMatchObject({ record: installed(), errors: [] });
    expect(await certificates.record(name)).toBeUndefined();
  });
});
