import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { recordInstallation } from '../../src/core/deployment.ts';
import { parseCertificateName, parseDomain } from '../../src/core/names.ts';
import { LanacmeError } from '../../src/errors.ts';
import { deployCertificates } from '../../src/flows/deploy-certificates.ts';
import type { DeployTerms } from '../../src/flows/deployment-situation.ts';
import { FileCertificateStore } from '../../src/io/certificate-store.ts';
import type { DeployWiring, RootHooks } from '../../src/ports.ts';
import { FakeClock } from '../fakes/clock.ts';
import { FakeHooks } from '../fakes/hooks.ts';
import { FakeLock } from '../fakes/lock.ts';
import { FakeLog } from '../fakes/log.ts';
import { FakeServedLeaf } from '../fakes/served-leaf.ts';
import { makeCertificateFiles } from '../support/certificate-files.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';

/** Good by the clock of these tests, whatever the machine's says. */
const files = await makeCertificateFiles({
  names: ['lan.example'],
  validity: { notBefore: new Date('2026-11-21T12:00:00Z'), notAfter: new Date('2026-11-29T12:00:00Z') },
});
const never = new AbortController().signal;
const a = parseCertificateName('a');
const b = parseCertificateName('b');
const c = parseCertificateName('c');

let folder: TempFolder;
let certificates: FileCertificateStore;
let hooks: FakeHooks;
let log: FakeLog;
let lock: FakeLock;
let ports: DeployWiring;
beforeEach(async () => {
  folder = await makeTempFolder('deploy-certificates');
  certificates = new FileCertificateStore(join(folder.path, 'state'));
  [hooks, log, lock] = [new FakeHooks(), new FakeLog(), new FakeLock()];
  ports = { certificates, hooks, served: new FakeServedLeaf(), clock: new FakeClock(), log, lock };
  for (const name of [a, b, c]) await install(name);
});
afterEach(async () => {
  await folder.remove();
});

async function install(name: typeof a): Promise<void> {
  const { version } = await certificates.install(name, files);
  const spec = {
    domains: [parseDomain('lan.example')],
    server: 'https://ca.example/dir',
    keyType: 'ec256',
  } as const;
  const order = { name, spec, deployHooks: [`load ${name}`], version, at: '2026-11-22T12:00:00Z' };
  await certificates.saveRecord(recordInstallation(undefined, order));
}

const terms: DeployTerms = { deployHooks: [], skip: false, force: false, heedsBackoff: false };
const run = async (names = [] as readonly (typeof a)[], changes: Partial<DeployTerms> = {}) =>
  await deployCertificates({ names, terms: { ...terms, ...changes } }, ports, never);
const ran = () => hooks.runs.map(({ command }) => command);

it('runs what is owed of every certificate, once', async () => {
  expect((await run()).map(({ name, errors }) => [name, errors])).toEqual([
    [a, []],
    [b, []],
    [c, []],
  ]);
  expect(ran()).toEqual(['load a', 'load b', 'load c']);
  await run();
  expect(ran()).toHaveLength(3);
  expect(log.lines.at(-1)).toBe('info: nothing to do: no hook is owed anything');
});

it('takes no lock when nothing is owed', async () => {
  await run();
  const refuse = { acquire: async () => await Promise.reject(new Error('the lock is taken')) };
  ports = { ...ports, lock: refuse };
  await run();
  await expect(run([], { force: true })).rejects.toThrow('the lock is taken');
});

it('deploys, too, what another run has installed for the first time while this one waited for the lock', async () => {
  const d = parseCertificateName('d');
  lock.whileWaiting = async () => {
    await install(d);
  };
  expect((await run()).map(({ name }) => name)).toEqual([a, b, c, d]);
  expect(ran()).toEqual(['load a', 'load b', 'load c', 'load d']);
});

it('runs everything of one certificate when that is forced', async () => {
  await run();
  await run([b], { force: true });
  expect(ran().slice(3)).toEqual(['load b']);
});

it('goes on after a certificate that fails, and one that cannot be read', async () => {
  hooks.failing.set('load a', new LanacmeError('hook.failed', 'no', { hint: 'x' }));
  await mkdir(join(folder.path, 'state/certificates'), { recursive: true });
  await writeFile(join(folder.path, 'state/certificates/b.json'), '{}');
  const [first, second, third] = await run();
  expect(first?.errors).toMatchObject([{ code: 'hook.failed' }]);
  expect(second?.errors).toMatchObject([{ code: 'state.broken' }]);
  expect(third?.errors).toEqual([]);
  expect(ran()).toEqual(['load a', 'load c']);
});

it('refuses a name that nobody knows before it runs anything', async () => {
  await expect(run([a, parseCertificateName('typo')])).rejects.toMatchObject({ code: 'certificate.unknown' });
  expect(ran()).toEqual([]);
});

it('has root run its own hooks, also when nothing else is owed', async () => {
  await run();
  const asked: [string, boolean][] = [];
  const root: RootHooks = {
    commands: ['reload'],
    states: (name, { version }) => [
      { command: 'reload', wanted: version, ...(name === b ? {} : { done: version }) },
    ],
    deploy: async (name, force) => {
      asked.push([name, force]);
      return await Promise.resolve([new LanacmeError('hook.failed', 'root says no', { hint: 'x' })]);
    },
  };
  ports = { ...ports, hooks: Object.assign(hooks, { root }) };
  const [, second] = await run();
  expect(asked).toEqual([[b, false]]);
  expect(second?.errors).toMatchObject([{ message: 'root says no' }]);
});
