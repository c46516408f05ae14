import { generateKeyPairSync } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { importCommand } from '../../src/cli/import.ts';
import { FileAccountStore } from '../../src/io/account-store.ts';
import { FileCertificateStore } from '../../src/io/certificate-store.ts';
import type { ImportWiring } from '../../src/ports/import.ts';
import { FakeLock } from '../fakes/lock.ts';
import { FakeLog } from '../fakes/log.ts';
import { MadeCertbot } from '../support/certbot-folder.ts';
import { makeCertificateFiles } from '../support/certificate-files.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { type Run, runInProcess } from './run-in-process.ts';

const server = 'https://ca.example/dir';
const certbot = new MadeCertbot(server);
let top: TempFolder;
let wiring: ImportWiring;

beforeAll(async () => {
  top = await makeTempFolder('import');
  const stateDir = join(top.path, 'state');
  certbot.addLineage('nas', {
    ...(await makeCertificateFiles({ names: ['nas.lan.example'] })),
    params: 'renew_hook = """reload "x" \u202e\'y\'"""\npre_hook = """stop\n now"""',
  });
  certbot.addLineage('away', await makeCertificateFiles({ names: ['www.example.com'] }));
  certbot.addAccount(
    'https://ca.example/acct/1',
    generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
  );
  wiring = {
    folder: () => certbot,
    certificates: new FileCertificateStore(stateDir),
    accounts: new FileAccountStore(stateDir),
    certId: async () => await Promise.resolve<string | undefined>(undefined),
    clock: { now: () => new Date() } as ImportWiring['clock'],
    lock: new FakeLock(),
    log: new FakeLog(),
  };
});
afterAll(async () => {
  await top.remove();
});

const run = async (...args: readonly string[]): Promise<Run> =>
  await runInProcess(
    ['import', 'certbot', '--zone', 'lan.example', ...args],
    {},
    { import: importCommand(() => wiring) },
  );

const notes = [
  '  its pre-hook is not taken over; to run it around all orders of a run, write into the env file: LANACME_PRE_HOOK=stop\\n now',
];

test('a dry run is a report of what would be taken over, and what not', async () => {
  const { code, stdout, stderr } = await run('--dry-run');
  expect(code).toBe(1);
  expect(stdout.split('\n')).toEqual([
    'nas: would be imported',
    ...notes,
    `account at ${server}: would be imported`,
    '1 left as they are: see the errors',
    '',
  ]);
  expect(stderr).toContain('names.outside-zone');
});

test('an import says where everything is, and what comes next', async () => {
  const { code, stdout } = await run();
  expect(code).toBe(1);
  expect(stdout.split('\n').slice(0, 3)).toEqual([
    `nas: imported to ${join(top.path, 'state/live/nas')}`,
    ...notes,
    `account at ${server}: imported`,
  ]);
  expect(stdout).toContain('systemctl disable --now certbot.timer');
});

test('as JSON it is one object; of what is here already no more is said', async () => {
  const { stdout } = await run('--json');
  expect(JSON.parse(stdout)).toMatchObject({
    dryRun: false,
    imported: [],
    present: ['nas'],
    certificates: [
      { name: 'nas', domains: ['nas.lan.example'], hooks: [{ command: 'reload "x" \u202e\'y\'' }] },
    ],
    accounts: [{ server, url: 'https://ca.example/acct/1', state: 'present' }],
    hooks: [],
    errors: [{ code: 'names.outside-zone', certificate: 'away' }],
  });
  expect(stdout).not.toContain('\u202e');
  expect((await run()).stdout).not.toContain('pre-hook');
});
