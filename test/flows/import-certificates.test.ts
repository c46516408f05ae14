import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { findingsOf, type HandedFindings, handedFindings } from '../../src/core/certbot-findings.ts';
import type { Lineage } from '../../src/core/certbot-lineage.ts';
import type { HookFile } from '../../src/core/hook-file.ts';
import { type CertificateName, parseCertificateName } from '../../src/core/names.ts';
import {
  type ImportOutcome,
  type ImportPorts,
  importCertificates,
} from '../../src/flows/import-certificates.ts';
import { keepHooks, ownHooks } from '../../src/flows/keep-hooks.ts';
import { lookAtCertificate } from '../../src/flows/look-at-certificate.ts';
import { readCertbot } from '../../src/flows/read-certbot.ts';
import { FileAccountStore } from '../../src/io/account-store.ts';
import { ariCertId } from '../../src/io/ari-cert-id.ts';
import { FileCertificateStore } from '../../src/io/certificate-store.ts';
import { FileRenewalIndex } from '../../src/io/renewal-index.ts';
import type { CertificateFiles } from '../../src/ports.ts';
import { accountId, MadeCertbot, type MadeLineage } from '../support/certbot-folder.ts';
import { makeCertificateFiles } from '../support/certificate-files.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { IssueWorld, name, zone } from './issue-world.ts';

const never = new AbortController().signal;
const days = 24 * 3600 * 1000;

let top: TempFolder;
let count = 0;
let world: IssueWorld;
let certbot: MadeCertbot;
let files: CertificateFiles;
let stateDir: string;
let certificates: FileCertificateStore;
let accounts: FileAccountStore;
let issuedFor: Awaited<ReturnType<FileAccountStore['read']>>;

beforeAll(async () => {
  top = await makeTempFolder('import');
  await beginAnew();
});
afterAll(async () => {
  await top.remove();
});
beforeEach(() => {
  count += 1;
  stateDir = join(top.path, `state-${count}`);
  certificates = new FileCertificateStore(stateDir);
  accounts = new FileAccountStore(stateDir);
  beCertbot();
});

/** A certificate and an account that a CA knows. Tests that move its clock do so in a world of their own. */
async function beginAnew(): Promise<void> {
  const folder = join(top.path, `world-${count}`);
  await mkdir(folder);
  world = new IssueWorld(folder);
  const { live } = await world.issue();
  files = (await world.certificates.version(name, live?.version ?? '')).files;
  issuedFor = await world.accounts.read(world.ca.directoryUrl);
  beCertbot();
}

/** Both are in the hands of certbot; lanacme has nothing yet. */
function beCertbot(): void {
  certbot = new MadeCertbot(world.ca.directoryUrl);
  certbot.addLineage('lan.example', files);
  certbot.addAccount(issuedFor?.url, createPrivateKey(issuedFor?.keyPem ?? ''));
}

const ports = (): ImportPorts => ({
  ...world.ports(),
  certificates,
  accounts,
  certId: async (pem) => await Promise.resolve(ariCertId(pem)),
});
const findings = () => readCertbot(certbot, { zone, now: world.clock.now() });
const takeOver = async ({ dryRun = false, its = ports() } = {}): Promise<ImportOutcome> => {
  const found = findings();
  const deployHooks = (lineage: Lineage) => ownHooks(lineage, found);
  return await importCertificates({ findings: found, deployHooks, dryRun }, its, never);
};
const states = ({ certificates: all, accounts: its, failures }: ImportOutcome) => [
  all.map(({ lineage, state }) => `${lineage.name} ${state}`),
  its.map(({ state }) => state),
  failures.map(({ certificate, error }) => `${certificate} ${error.code}`),
];
const add = (as: string, changes: Partial<MadeLineage> = {}) => {
  certbot.addLineage(as, { ...files, ...changes });
};
const renew = async () =>
  await world.renew({}, { ports: { certificates, accounts, renewals: new FileRenewalIndex(stateDir) } });

test('what certbot had is here as if it had been issued here', async () => {
  add('lan.example', { params: 'renew_hook = reload nginx\nreuse_key = True' });
  expect(states(await takeOver())).toEqual([['lan.example imported'], ['imported'], []]);
  expect(await accounts.read(world.ca.directoryUrl)).toEqual(issuedFor);
  expect((await certificates.live(name))?.files).toEqual(files);
  const issued = (await world.certificates.record(name))?.installed;
  expect(await certificates.record(name)).toMatchObject({
    deployHooks: ['reload nginx'],
    hooks: [{ command: 'reload nginx', wanted: '0001' }],
    terms: { reuseKey: true },
    installed: { spec: world.spec(), account: issuedFor?.url, certId: issued?.certId },
  });
});

test('it is renewed when it is due, by the same account, as the one that it replaces', async () => {
  await beginAnew();
  await takeOver();
  const [first] = world.ca.issued;
  expect(await renew()).toMatchObject({ renewed: [], failures: [] });
  expect(world.ca.ordered).toHaveLength(1);
  await world.clock.sleep(70 * days, never);
  expect(await renew()).toMatchObject({ renewed: [name], failures: [] });
  expect(world.ca.ordered.at(-1)?.request.replaces).toBe(first?.ariId);
  expect(world.ca.accounts.urls()).toHaveLength(1);
  // By then certbot's is an old one: it does not come back.
  expect(states(await takeOver())).toEqual([['lan.example present'], ['present'], []]);
});

test('an account that certbot knows by its key alone is found by the CA', async () => {
  await beginAnew();
  const key = createPrivateKey(issuedFor?.keyPem ?? '');
  certbot.addAccount(undefined, key);
  await takeOver();
  await world.clock.sleep(70 * days, never);
  expect(await renew()).toMatchObject({ renewed: [name] });
  expect(world.ca.accounts.urls()).toHaveLength(1);
});

test('a second import finds everything there, and does not even take the lock', async () => {
  await takeOver();
  const before = await certificates.record(name);
  const acquired = world.lock.acquired;
  expect(states(await takeOver())).toEqual([['lan.example present'], ['present'], []]);
  expect(world.lock.acquired).toBe(acquired);
  expect(await certificates.record(name)).toEqual(before);
  expect(await certificates.versions(name)).toEqual(['0001']);
});

test('a dry run tells the same, and touches nothing', async () => {
  expect(states(await takeOver({ dryRun: true }))).toEqual([['lan.example planned'], ['planned'], []]);
  expect(await certificates.names()).toEqual([]);
  expect(await accounts.read(world.ca.directoryUrl)).toBeUndefined();
});

describe('left is', () => {
  it('a lineage whose name another certificate has here', async () => {
    const second = parseCertificateName('second');
    const { live } = await world.issue({ name: second, force: true });
    add('lan.example', (await world.certificates.version(second, live?.version ?? '')).files);
    const its = { ...ports(), certificates: world.certificates };
    expect(states(await takeOver({ its }))).toEqual([[], ['imported'], ['lan.example import.name-taken']]);
    expect(await world.certificates.versions(name)).toEqual(['0001']);
  });

  it('each that cannot be read or used, and no other', async () => {
    add('a b');
    add('broken', { cert: 'x' });
    certbot.write('renewal/nonsense.conf', 'nonsense');
    certbot.write('renewal/empty.conf', '[renewalparams]\nserver = https://ca.example/dir');
    expect(states(await takeOver())).toEqual([
      ['lan.example imported'],
      ['imported'],
      [
        'a b names.invalid',
        'broken certificate.unusable',
        'empty import.unreadable',
        'nonsense import.unreadable',
      ],
    ]);
  });

  it('what is outside the zone, as a failure of its own', () => {
    const { left } = readCertbot(certbot, { zone: 'other.example' as typeof zone, now: world.clock.now() });
    expect(left).toMatchObject([
      { certificate: 'lan.example', error: { code: 'names.outside-zone', outcome: 'failed' } },
    ]);
  });

  it('the account, where this host has one already: then the CA is told of no replacement', async () => {
    await beginAnew();
    const own = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    await accounts.saveKey(world.ca.directoryUrl, own.export({ type: 'pkcs8', format: 'pem' }).toString());
    expect(states(await takeOver())).toEqual([['lan.example imported'], ['other'], []]);
    await world.clock.sleep(70 * days, never);
    expect(await renew()).toMatchObject({ renewed: [name], failures: [] });
    expect(world.ca.ordered.at(-1)?.request.replaces).toBeUndefined();
  });
});

describe('of two accounts at one CA', () => {
  it('the one with more certificates is taken over, and only its certificates know it', async () => {
    const key: KeyObject = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    certbot.addAccount('https://ca.example/account/99', key, 'other');
    add('lan.example', { account: 'other' });
    add('second');
    add('third');
    const { accounts: its, certificates: all } = await takeOver();
    expect(its).toMatchObject([{ url: issuedFor?.url }]);
    expect(all.map(({ record }) => record?.installed?.account)).toEqual([
      undefined,
      its[0]?.url,
      its[0]?.url,
    ]);
    expect(findings().notes).toContainEqual({
      message: `account other at ${world.ca.directoryUrl} is not taken over: a host has one at each CA`,
    });
  });

  it('one that cannot be read is told, and keeps no certificate back', async () => {
    certbot.write(`accounts/ca.example/directory/${accountId}/private_key.json`, '{}');
    const { accounts: its, certificates: all } = await takeOver();
    expect([its, all.map(({ state }) => state)]).toEqual([[], ['imported']]);
    expect(
      findings()
        .notes.map(({ message }) => message)
        .join(),
    ).toContain('it is not a private key');
  });
});

describe('an import that dies at any of its writes', () => {
  const writes = ['saveKey', 'saveAccount', 'prepare', 'saveRecord', 'install', 'saveRecord'];
  const moments = writes.flatMap((write, at) =>
    (['before', 'after'] as const).map((when) => [when, at, write] as const),
  );

  it.each(moments)('(%s call %i, %s) is gone on with by the next', async (when, at) => {
    const dying = new DyingPorts(ports(), at, when);
    await takeOver({ its: dying.ports }).catch(() => undefined);
    expect(dying.calls).toEqual(writes.slice(0, at + 1));
    world.lock.isHeld = false;
    expect(states(await takeOver())[2]).toEqual([]);
    expect((await certificates.live(name))?.files).toEqual(files);
    expect(await accounts.read(world.ca.directoryUrl)).toEqual(issuedFor);
    const { record } = await lookAtCertificate(name, certificates);
    const certId = ariCertId(files.cert);
    expect(record?.installed).toMatchObject({ spec: world.spec(), account: issuedFor?.url, certId });
  });
});

/** Ports of which one write fails, and everything after it. */
class DyingPorts {
  readonly calls: string[] = [];
  readonly ports: ImportPorts;

  constructor(its: ImportPorts, at: number, when: 'before' | 'after') {
    const dying = <T extends object>(port: T, writes: readonly string[]): T =>
      new Proxy(port, {
        get: (target, member) => {
          const value: unknown = Reflect.get(target, member);
          if (typeof value !== 'function') return value;
          const call = async (...args: unknown[]): Promise<unknown> =>
            (await Reflect.apply(value, target, args)) as unknown;
          if (!writes.includes(String(member))) return call;
          return async (...args: unknown[]) => {
            if (this.calls.length > at) throw new Error('dead');
            this.calls.push(String(member));
            const isLast = this.calls.length > at;
            if (isLast && when === 'before') throw new Error('dies');
            const result = await call(...args);
            if (isLast) throw new Error('dies');
            return result;
          };
        },
      });
    this.ports = {
      ...its,
      accounts: dying(its.accounts, ['saveKey', 'saveAccount']),
      certificates: dying(its.certificates, ['prepare', 'saveRecord', 'install']),
    };
  }
}

describe('hooks that root keeps', () => {
  const kept: HookFile[] = [];
  const deployFolder = {
    path: '/etc/lanacme/deploy.d',
    add: async (file: HookFile) => {
      const isNew = kept.every((one) => one.name !== file.name);
      if (isNew) kept.push(file);
      return await Promise.resolve(isNew);
    },
  };
  const keep = async (present: readonly CertificateName[], { withOwn = true, dryRun = false } = {}) =>
    await keepHooks({ findings: findings(), present: new Set(present), withOwn, dryRun }, deployFolder);
  const path = (file: string) => `/etc/lanacme/deploy.d/${file}`;

  beforeEach(() => {
    kept.length = 0;
    add('lan.example', { params: 'renew_hook = reload nginx' });
    certbot.write('renewal-hooks/deploy/10-x', '#!/bin/sh\nreload x', { isExecutable: true });
    certbot.write('renewal-hooks/deploy/10-x~', '#!/bin/sh', { isExecutable: true });
    certbot.write('renewal-hooks/deploy/README', 'not executable');
    certbot.write('renewal-hooks/pre/stop', '#!/bin/sh', { isExecutable: true });
  });

  it('are those of all certificates as they are, and those of single ones', async () => {
    expect(await keep([])).toEqual([
      { path: path('certbot-10-x'), state: 'written' },
      { path: path('from-certbot-lan.example'), state: 'written', certificate: 'lan.example' },
    ]);
    expect(Buffer.from(kept[0]?.content ?? []).toString()).toBe('#!/bin/sh\nreload x');
    expect((await keep([])).map(({ state }) => state)).toEqual(['present', 'present']);
  });

  it('are those of all certificates alone, where the record keeps the others', async () => {
    expect(await keep([], { withOwn: false })).toEqual([{ path: path('certbot-10-x'), state: 'written' }]);
  });

  it('are none for what is here already: somebody may have removed them since', async () => {
    expect(await keep([parseCertificateName('lan.example')])).toEqual([]);
    expect(kept).toEqual([]);
  });

  it('are only told of by a dry run', async () => {
    expect((await keep([], { dryRun: true })).map(({ state }) => state)).toEqual(['planned', 'planned']);
    expect(kept).toEqual([]);
  });

  it('run once, although certbot knows an executable by two ways', async () => {
    add('lan.example', { params: 'renew_hook = /etc/letsencrypt/renewal-hooks/deploy/10-x' });
    expect((await keep([])).map(({ path: at }) => at)).toEqual([path('certbot-10-x')]);
  });

  it('are told of where they are not taken over', () => {
    certbot.write('cli.ini', 'max-log-backups = 0\npost-hook = start\n');
    expect(findings().notes.map(({ message }) => message)).toEqual([
      '/etc/letsencrypt/renewal-hooks/pre/stop is not taken over: give its command as --pre-hook, or in the env file',
      'post-hook in /etc/letsencrypt/cli.ini is not taken over: give it in the env file',
    ]);
  });
});

describe('what root hands over', () => {
  const handOver = (): string => JSON.stringify(handedFindings(findings()));

  it('is what it found, as far as the other process has to know', async () => {
    const found = findings();
    const handed = findingsOf(JSON.parse(handOver()) as HandedFindings);
    expect({ ...handed, left: [] }).toEqual({ ...found, left: [], sharedHooks: [] });
    const outcome = await importCertificates(
      { findings: handed, deployHooks: () => [], dryRun: false },
      ports(),
      never,
    );
    expect(states(outcome)).toEqual([['lan.example imported'], ['imported'], []]);
  });

  it('has the reason why a certificate is left, and not its key; nor the hooks that root keeps', async () => {
    const { privkey, cert, fullchain } = await makeCertificateFiles({ names: ['www.example.com'] });
    add('away', { privkey, cert, fullchain });
    certbot.write('renewal-hooks/deploy/10-x', '#!/bin/sh\nTOKEN=secret', { isExecutable: true });
    const [line = ''] = privkey.split('\n').slice(1);
    expect(handOver()).not.toContain(line);
    expect(handOver()).not.toContain('TOKEN');
    const { left } = findingsOf(JSON.parse(handOver()) as HandedFindings);
    expect(left).toEqual(findings().left);
  });
});

describe('who could read the key', () => {
  it.each([
    ['nobody', []],
    ['group', [expect.stringContaining('--key-group GROUP') as string]],
    ['everybody', [expect.stringContaining('lanacme renew NAME --force') as string]],
  ] as const)('is told: %s', (readers, said) => {
    certbot.write('live/lan.example/privkey.pem', files.privkey, { readers });
    expect(findings().notes.map(({ message }) => message)).toEqual(said);
  });
});

test('a folder that is none of certbot is wrong usage', () => {
  const empty = { path: '/srv', names: () => undefined, file: () => certbot.file('') };
  expect(() => readCertbot(empty, { zone, now: world.clock.now() })).toThrow(
    expect.objectContaining({ code: 'import.not-found', outcome: 'usage' }),
  );
});
