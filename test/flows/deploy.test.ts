import { X509Certificate } from 'node:crypto';
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
import { type CertificateOnDisk, lookAtCertificate } from '../../src/flows/look-at-certificate.ts';
import { FileCertificateStore } from '../../src/io/certificate-store.ts';
import type { HookResult, Hooks, HostHook, LiveCertificate } from '../../src/ports.ts';
import { FakeClock } from '../fakes/clock.ts';
import { FakeLog } from '../fakes/log.ts';
import { FakeServedLeaf } from '../fakes/served-leaf.ts';
import { makeCertificateFiles } from '../support/certificate-files.ts';

/** Good by the clock of these tests, whatever the machine's says. */
const made = {
  names: ['lan.example'],
  validity: { notBefore: new Date('2026-11-21T12:00:00Z'), notAfter: new Date('2026-11-29T12:00:00Z') },
};
const files = await makeCertificateFiles(made);
const newerFiles = await makeCertificateFiles(made);
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

  around(): { readonly pre: readonly HostHook[]; readonly post: readonly HostHook[] } {
    return { pre: [], post: [] };
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

describe('hooks of the host', () => {
  const refusal = new LanacmeError('hook.unsafe', 'others can write it', { hint: 'chmod' });

  it("run after the certificate's own, each text once, executables without a shell", async () => {
    hooks.host = [
      { command: 'a', isFile: false },
      { command: 'all', isFile: false },
      { command: '/etc/lanacme/deploy.d/x', isFile: true },
    ];
    const { record } = await run(installed('a'));
    expect(hooks.ran).toEqual(['a', 'all', 'file /etc/lanacme/deploy.d/x']);
    expect(record?.deployHooks).toEqual(['a']);
    await run(record);
    expect(hooks.ran).toHaveLength(3);
  });

  it('are not run again because a run in between was not told of them', async () => {
    hooks.host = [{ command: 'all', isFile: false }];
    const { record } = await run(installed('a'));
    hooks.host = [];
    const between = await run(record, { force: true });
    expect(hooks.ran).toEqual(['a', 'all', 'a']);
    expect(between.record?.hooks.map(({ command, done }) => [command, done])).toEqual([
      ['a', '0001'],
      ['all', '0001'],
    ]);
    hooks.host = [{ command: 'all', isFile: false }];
    await run(between.record);
    expect(hooks.ran).toHaveLength(3);
  });

  it('that others could have written are not run, and stay owed', async () => {
    hooks.host = [{ command: 'all', isFile: false, refusal }];
    const { record, errors } = await run(installed('a'));
    expect(hooks.ran).toEqual(['a']);
    expect(errors).toEqual([refusal]);
    expect(record?.hooks[1]).toMatchObject({ command: 'all', lastError: { code: 'hook.unsafe' } });
  });
});

describe('without hooks', () => {
  it('own hooks are owed, and a later run does it', async () => {
    hooks.host = [{ command: 'all', isFile: false }];
    const { record, errors } = await run(installed('a'), { skip: true, checks: ['localhost:443'] });
    expect([hooks.ran, errors, served.asked]).toEqual([[], [], []]);
    expect(record?.hooks).toEqual([{ command: 'a', wanted: '0001' }]);
    await run(record);
    expect(hooks.ran).toEqual(['a', 'all']);
  });
});

describe('a run by a timer', () => {
  const patient = { heedsBackoff: true };
  const failing = async (times: number) => {
    hooks.failing.add('a');
    let record: CertificateRecord | undefined = installed('a');
    for (let failures = 0; failures < times; failures += 1) ({ record } = await run(record));
    return record;
  };

  it('tries three times without a wait', async () => {
    const record = await failing(3);
    await run(record, patient);
    expect(hooks.ran).toHaveLength(4);
  });

  it('then waits, says until when, and tries again', async () => {
    const record = await failing(4);
    const { errors } = await run(record, patient);
    expect(hooks.ran).toHaveLength(4);
    expect(errors).toMatchObject([
      { code: 'renew.backing-off', outcome: 'wait', retryAt: new Date('2026-11-22T12:05:00Z') },
    ]);
    clock.move(5 * 60_000);
    await run(record, patient);
    expect(hooks.ran).toHaveLength(5);
  });

  it('runs what failed less meanwhile, and tells of the rest', async () => {
    const record = await failing(4);
    hooks.host = [{ command: 'all', isFile: false }];
    const { errors } = await run(record, patient);
    expect(hooks.ran.at(-1)).toBe('all');
    expect(errors).toMatchObject([{ code: 'renew.backing-off' }]);
  });

  it('waits, and one that a person typed does not', async () => {
    await run(await failing(9));
    expect(hooks.ran).toHaveLength(10);
  });
});

describe('a check', () => {
  const target = 'localhost:443';
  const checks = { checks: [target] };
  const serve = (pem: string) => {
    served.servers.set(target, () => [
      { kind: 'leaf', address: '127.0.0.1:443', leaf: new X509Certificate(pem).raw },
    ]);
  };

  it('comes after the hooks, and remembers that all is well', async () => {
    hooks.during = () => {
      serve(files.cert);
    };
    const { record, errors } = await run(installed('a'), checks);
    expect(errors).toEqual([]);
    expect(record?.served).toEqual({ version: '0001', at, checks: [{ target }] });
    expect(served.asked).toEqual([{ target, serverName: 'lan.example' }]);
    await run(record, checks);
    expect(served.asked).toHaveLength(1);
  });

  it('gives a reload a moment', async () => {
    let asked = 0;
    served.servers.set(target, () => {
      asked += 1;
      const leaf = new X509Certificate(asked < 3 ? newerFiles.cert : files.cert).raw;
      return [{ kind: 'leaf', address: '127.0.0.1:443', leaf }];
    });
    expect((await run(installed('a'), checks)).errors).toEqual([]);
    expect(asked).toBe(3);
  });

  it('that fails is a failed deployment: the hooks run again', async () => {
    serve(newerFiles.cert);
    const { record, errors } = await run(installed('a'), checks);
    expect(clock.now().getTime() - Date.parse(at)).toBe(10_000);
    expect(errors).toMatchObject([
      {
        code: 'deploy.not-served',
        message: expect.stringMatching(
          /^version 0001 of lan\.example is not served: localhost:443: 127\.0\.0\.1:443 serves another certificate \(serial [0-9a-f]+, good until \S+\) than serial [0-9a-f]+$/,
        ) as string,
      },
    ]);
    expect(record?.served?.checks[0]?.problem).toContain('serves another certificate');
    expect(record?.served?.backoff).toEqual({ failures: 1, until: '2026-11-22T12:00:10Z' });
    serve(files.cert);
    const again = await run(record, checks);
    expect(again.errors).toEqual([]);
    expect(hooks.ran).toEqual(['a', 'a']);
    expect(again.record?.served?.backoff).toBeUndefined();
  });

  it('is not made while a hook fails', async () => {
    hooks.failing.add('a');
    await run(installed('a'), checks);
    expect(served.asked).toEqual([]);
  });

  it('looks at every address', async () => {
    served.servers.set(target, () => [
      { kind: 'leaf', address: '127.0.0.1:443', leaf: new X509Certificate(files.cert).raw },
      { kind: 'none', address: '[::1]:443', reason: 'did not finish a TLS handshake: ECONNREFUSED' },
    ]);
    const { errors } = await run(installed(), checks);
    expect(errors[0]?.message).toBe(
      'version 0001 of lan.example is not served: localhost:443: [::1]:443 did not finish a TLS handshake: ECONNREFUSED',
    );
  });

  it('waits its turn in a run by a timer', async () => {
    serve(newerFiles.cert);
    let record: CertificateRecord | undefined = installed('a');
    for (let failures = 0; failures < 4; failures += 1) ({ record } = await run(record, checks));
    const { errors } = await run(record, { ...checks, heedsBackoff: true });
    expect(errors).toMatchObject([{ code: 'renew.backing-off' }]);
    expect(hooks.ran).toHaveLength(4);
  });
});

describe('with --rollback-on-failure, a deployment that fails', () => {
  const back = { rollbackOnFailure: true };
  let newer: CertificateOnDisk;
  beforeEach(async () => {
    const { record } = await run(installed('a', 'b'));
    const installation = { name, spec, deployHooks: ['a', 'b'], version: '0002', at };
    const next = recordInstallation(record, installation);
    const second = await certificates.install(name, newerFiles);
    await certificates.saveRecord(next);
    newer = { record: next, live: second, facts: certificateFacts(newerFiles.cert), damage: undefined };
    hooks.ran.length = 0;
    hooks.during = () => undefined;
    hooks.failing.add('b');
  });
  const deployNewer = async (seen: CertificateOnDisk, changes: Partial<DeployTerms> = {}) =>
    await deployCertificate(seen, { ...terms, ...back, ...changes }, ports, never);
  const onDisk = async () => await lookAtCertificate(name, certificates);
  const fixedByOld = async (command: string) => {
    await Promise.resolve();
    if (command === 'b' && hooks.ran.length > 2) hooks.failing.clear();
  };

  it('goes back to the version before, runs every hook again, and keeps the newer one as the wanted one', async () => {
    hooks.during = (command) => void fixedByOld(command);
    const { record, live: now, facts: shown, errors } = await deployNewer(newer);
    expect(hooks.ran).toEqual(['a', 'b', 'a', 'b']);
    expect(hooks.environments.at(-1)).toMatchObject({ LANACME_HOOK_VERSION: '0001' });
    expect(errors).toMatchObject([failure]);
    expect([now?.version, shown?.serial]).toEqual(['0001', facts.serial]);
    expect((await certificates.liveVersion(name))?.version).toBe('0001');
    expect(record).toMatchObject({
      installed: { version: '0001' },
      earlier: [],
      setAside: { installed: { version: '0002' }, backoff: { failures: 1 }, error: failure },
    });
    expect(record && owedHooks(record)).toEqual([]);
    expect(await certificates.record(name)).toEqual(record);
  });

  it('is tried again by later runs, and done when it succeeds', async () => {
    hooks.during = (command) => void fixedByOld(command);
    await deployNewer(newer);
    hooks.failing.clear();
    hooks.ran.length = 0;
    const { record, errors } = await deployNewer(await onDisk());
    expect(errors).toEqual([]);
    expect(hooks.ran).toEqual(['a', 'b']);
    expect(hooks.environments.at(-1)).toMatchObject({ LANACME_HOOK_VERSION: '0002' });
    expect(record?.setAside).toBeUndefined();
    expect(record).toMatchObject({ installed: { version: '0002' }, earlier: [{ version: '0001' }] });
    expect((await certificates.liveVersion(name))?.version).toBe('0002');
  });

  it('counts its failures, and waits in runs by a timer', async () => {
    let seen = newer;
    for (let failures = 0; failures < 4; failures += 1) seen = await deployNewer(seen);
    expect(seen.record?.setAside?.backoff.failures).toBe(4);
    expect(seen.live?.version).toBe('0001');
    hooks.failing.clear();
    await deployNewer(seen);
    expect((await certificates.liveVersion(name))?.version).toBe('0002');
  });

  it('stays when there is no earlier version that is in date', async () => {
    clock.move(400 * 24 * 3_600_000);
    const { record, live: now, errors } = await deployNewer(newer);
    expect(now?.version).toBe('0002');
    expect(errors).toMatchObject([failure]);
    expect(record?.setAside).toBeUndefined();
  });

  it('stays when the only earlier one was left by a person', async () => {
    const record = { ...(newer.record as CertificateRecord), held: ['0001'] };
    expect((await deployNewer({ ...newer, record })).live?.version).toBe('0002');
  });

  it('forgets a newer version that is damaged meanwhile, and tells', async () => {
    hooks.during = (command) => void fixedByOld(command);
    await deployNewer(newer);
    await rm(join(stateDir, 'archive/lan.example/0002/cert.pem'));
    const { record, live: now, errors } = await deployNewer(await onDisk());
    expect(errors).toMatchObject([{ code: 'state.broken' }]);
    expect(now?.version).toBe('0001');
    expect(record?.setAside).toBeUndefined();
  });

  it.each(['saveRecord', 'pointTo'] as const)(
    'loses nothing in a crash before or after any %s',
    async (method) => {
      const crash = async (at: number, when: 'before' | 'after') => {
        let calls = 0;
        const dying = new Proxy(certificates, {
          get(target, member) {
            const value: unknown = Reflect.get(target, member);
            if (typeof value !== 'function') return value;
            return async (...args: unknown[]): Promise<unknown> => {
              const isIt = member === method && ++calls === at;
              if (isIt && when === 'before') throw new Error('power cut');
              const answer: unknown = await Reflect.apply(value, target, args);
              if (isIt) throw new Error('power cut');
              return answer;
            };
          },
        });
        const ending = deployCertificate(
          newer,
          { ...terms, ...back },
          { ...ports, certificates: dying },
          never,
        );
        return await ending.then(
          () => false,
          () => true,
        );
      };
      for (let at = 1; ; at += 1)
        for (const when of ['before', 'after'] as const) {
          await certificates.pointTo(name, '0002');
          await certificates.saveRecord(newer.record as CertificateRecord);
          hooks.failing.add('b');
          if (!(await crash(at, when))) {
            expect(at).toBeGreaterThan(1);
            return;
          }
          hooks.failing.clear();
          const { record, errors } = await deployNewer(await onDisk());
          expect([errors, record?.installed?.version, record && owedHooks(record)]).toEqual([[], '0002', []]);
          expect((await certificates.liveVersion(name))?.version).toBe('0002');
        }
    },
  );
});
