/** What the owner of a state folder can try on root, who deploys from it. Only root can try that. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chown,
  lchown,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { parseCertificateName } from '../../src/core/names.ts';
import { parseRootAnswer } from '../../src/core/root-messages.ts';
import { LanacmeError } from '../../src/errors.ts';
import { FileCertificateStore } from '../../src/io/certificate-store.ts';
import { RootPart } from '../../src/io/root-part.ts';
import type { HostHook } from '../../src/ports.ts';
import { FakeHooks } from '../fakes/hooks.ts';
import { FakeLog } from '../fakes/log.ts';
import { isRoot, owner, stranger } from '../support/as-root.ts';
import { makeCertificateFiles } from '../support/certificate-files.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';

const name = parseCertificateName('lan.example');
const files = await makeCertificateFiles({ names: ['lan.example'] });
const secretFiles = await makeCertificateFiles({ names: ['secret.example'] });
const never = new AbortController().signal;
/** Below the state folder. */
const version = 'archive/lan.example/0001';
const reload: HostHook = { command: 'reload', isFile: false };

describe.runIf(isRoot(import.meta.url))(
  'root, asked to deploy from the state folder of another user,',
  () => {
    let top: TempFolder;
    let stateDir: string;
    /** Of root, closed to everybody else. */
    let closed: string;
    let queue: string;
    let hooks: FakeHooks;
    let part: RootPart;

    beforeEach(async () => {
      top = await makeTempFolder('root-part');
      [stateDir, closed] = [join(top.path, 'state'), join(top.path, 'closed')];
      queue = join(top.path, 'queues', '01234567');
      await mkdir(closed, { mode: 0o700 });
      await mkdir(join(closed, '0001'));
      for (const each of ['privkey', 'cert', 'chain', 'fullchain'] as const)
        await writeFile(join(closed, '0001', `${each}.pem`), secretFiles[each]);
      await mkdir(stateDir, { mode: 0o700 });
      await new FileCertificateStore(stateDir).install(name, files);
      await giveAll(stateDir);
      hooks = new FakeHooks();
      part = makePart();
    });
    afterEach(async () => {
      await top.remove();
    });

    function makePart(hostHooks: readonly HostHook[] = [reload]): RootPart {
      return new RootPart({
        config: {
          stateDir,
          owner: { uid: owner, gid: owner },
          commands: [],
          timeoutMs: 1_000,
          heedsBackoff: false,
          log: { level: 'info', format: 'json', quiet: false, color: false },
        },
        hostHooks,
        hooks,
        folder: queue,
        log: new FakeLog(),
      });
    }

    const ask = async (request: string | object = { name, force: false }) =>
      parseRootAnswer(
        await part.answer(typeof request === 'string' ? request : JSON.stringify(request), never),
      );
    const live = () => join(stateDir, 'live/lan.example');
    /** In place of what is there, as the owner would. */
    const plant = async (path: string, made: Plant): Promise<void> => {
      await rm(path, { recursive: true, force: true });
      await made(path, top.path);
      if (made !== nothing) await lchown(path, owner, owner);
    };

    it('runs its hooks once, and notes that where the owner can only read', async () => {
      expect(await ask()).toEqual([]);
      expect(await ask()).toEqual([]);
      expect(hooks.runs).toMatchObject([
        {
          command: 'reload',
          environment: {
            RENEWED_LINEAGE: live(),
            RENEWED_DOMAINS: 'lan.example',
            LANACME_HOOK_VERSION: '0001',
          },
        },
      ]);
      expect(JSON.parse(await readFile(join(queue, 'lan.example.json'), 'utf8'))).toMatchObject({
        hooks: [{ command: 'reload', wanted: '0001', done: '0001' }],
      });
      const modes = [queue, join(queue, 'lan.example.json')].map(async (path) => {
        const { uid, gid, mode } = await lstat(path);
        return [uid, gid, (mode & 0o7777).toString(8)];
      });
      expect(await Promise.all(modes)).toEqual([
        [0, 0, '755'],
        [0, owner, '640'],
      ]);
    });

    it('removes what a run of root that died left half-written', async () => {
      await ask();
      await writeFile(join(queue, '.tmp~0123456789ab~1'), '');
      await ask({ name, force: true });
      expect(await readdir(queue)).toEqual(['lan.example.json']);
    });

    it('tells which failed, and tries that again', async () => {
      hooks.failing.set('reload', new LanacmeError('hook.failed', 'no', { hint: 'x' }));
      expect(await ask()).toMatchObject([{ code: 'hook.failed', message: 'no' }]);
      hooks.failing.clear();
      expect(await ask()).toEqual([]);
      expect(hooks.runs).toHaveLength(2);
    });

    it('runs none that others could have written', async () => {
      const refusal = new LanacmeError('hook.unsafe', 'others can write it', { hint: 'x' });
      part = makePart([{ ...reload, refusal }]);
      expect(await ask()).toEqual([refusal]);
      expect(hooks.runs).toEqual([]);
    });

    test.each<[what: string, path: string, made: Plant]>([
      ['a link to a folder of root as the live version', 'live/lan.example', linkTo('closed/0001')],
      ['a link above the archive', 'live/lan.example', linkTo('../archive/lan.example/../../../closed/0001')],
      ['a link to the version of another name', 'live/lan.example', linkTo('../archive/other/0001')],
      ['a folder in place of the link', 'live/lan.example', folder],
      ['a certificate without a live version', 'live/lan.example', nothing],
      ['a link for the folder live', 'live', linkTo('closed')],
      ['a link for the archive', 'archive', linkTo('closed')],
      ['a link for the archive of the name', 'archive/lan.example', linkTo('closed')],
      ['a link for the version', version, linkTo('closed/0001')],
      ['a link for the certificate', `${version}/cert.pem`, linkTo('closed/0001/cert.pem')],
      ['a link for the key', `${version}/privkey.pem`, linkTo('/etc/shadow')],
      ['a link to a file of their own', `${version}/chain.pem`, linkTo(`state/${version}/cert.pem`)],
      ['a hard link to a file of root', `${version}/privkey.pem`, hardLinkTo('closed/0001/privkey.pem')],
      ['a file with two names', `${version}/chain.pem`, hardLinkTo(`state/${version}/cert.pem`)],
      ['a pipe that nobody writes to', `${version}/cert.pem`, pipe],
      ['a pipe for the key', `${version}/privkey.pem`, pipe],
      ['a socket for the key', `${version}/privkey.pem`, socket],
      ['a folder for the key', `${version}/privkey.pem`, folder],
      ['a huge file', `${version}/chain.pem`, hugeFile],
      ['a file that is no certificate', `${version}/cert.pem`, junk],
      ['another file, which a hook might copy', `${version}/shadow.pem`, linkTo('/etc/shadow')],
    ])('refuses %s', async (_, path, made) => {
      await plant(join(stateDir, path), made);
      await isRefused();
    });

    test.each<[what: string, path: string, uid: number]>([
      ['a file of a third user', `${version}/cert.pem`, stranger],
      ['a folder of a third user', 'archive', stranger],
      ['a state folder of root', '.', 0],
    ])('refuses %s', async (_, path, uid) => {
      await chown(join(stateDir, path), uid, uid);
      await isRefused();
    });

    test.each(['live', 'archive', 'archive/lan.example', version])(
      'refuses a link for %s to a folder of their own',
      async (path) => {
        await rename(join(stateDir, path), join(stateDir, 'aside'));
        await plant(join(stateDir, path), linkTo('state/aside'));
        await isRefused();
      },
    );

    const isRefused = async (): Promise<void> => {
      const before = await contents(closed);
      const [error, ...more] = await ask();
      expect(['state.unsafe', 'certificate.unusable']).toContain(error?.code);
      expect(more).toEqual([]);
      expect(JSON.stringify(error)).not.toContain('secret.example');
      expect(hooks.runs).toEqual([]);
      expect(await readdir(top.path)).not.toContain('queues');
      expect(await contents(closed)).toEqual(before);
    };

    it('refuses a certificate whose names a shell would take for more', async () => {
      const { cert: pem } = await makeCertificateFiles({ names: ['lan.example', '$(reboot).example'] });
      await writeFile(join(stateDir, version, 'cert.pem'), pem);
      expect(await ask()).toMatchObject([{ code: 'certificate.unusable' }]);
      expect(hooks.runs).toEqual([]);
    });

    test.each([
      '',
      'x',
      '{}',
      '{"name":"../closed","force":false}',
      '{"name":"lan.example","force":false,"hooks":["id"]}',
    ])('refuses to do %j', async (line) => {
      expect(await ask(line)).toMatchObject([{ code: 'hook.unsafe' }]);
      expect(hooks.runs).toEqual([]);
    });

    it('refuses to be asked again and again', async () => {
      const answers = [];
      for (let times = 0; times < 6; times += 1) answers.push(await ask({ name, force: true }));
      expect(hooks.runs).toHaveLength(4);
      expect(answers.at(-1)).toMatchObject([{ code: 'hook.unsafe' }]);
    });

    it('refuses a queue that somebody else could have made', async () => {
      await mkdir(join(top.path, 'queues'));
      await mkdir(queue);
      await chown(queue, owner, owner);
      expect(await ask()).toMatchObject([{ code: 'state.unsafe' }]);
      expect(hooks.runs).toEqual([]);
    });

    it('never takes what a swapped folder shows for the certificate', async () => {
      // The version and a link to the closed folder take turns as fast as they can.
      const swap = `
      const { renameSync } = require('fs');
      const [version, aside, link] = process.argv.slice(1);
      for (;;) {
        renameSync(version, aside); renameSync(link, version);
        renameSync(version, link); renameSync(aside, version);
      }`;
      const real = join(stateDir, version);
      await plant(`${real}-link`, linkTo('closed/0001'));
      const paths = [real, `${real}-aside`, `${real}-link`];
      const swapper = spawn(process.execPath, ['-e', swap, ...paths], { stdio: 'ignore' });
      try {
        const codes = new Set<string | undefined>();
        // The other process may take its time to begin.
        for (let times = 0; times < 300 || codes.size < 2; times += 1) {
          part = makePart();
          codes.add((await ask({ name, force: true }))[0]?.code);
        }
        const shown = new Set(hooks.runs.map(({ environment }) => environment['RENEWED_DOMAINS']));
        expect([...shown].filter((domains) => domains !== 'lan.example')).toEqual([]);
      } finally {
        swapper.kill('SIGKILL');
        await once(swapper, 'exit');
      }
    });
  },
);

/** Makes something at a path; what it leads to is meant from the top. */
type Plant = (path: string, top: string) => Promise<void>;

function linkTo(target: string): Plant {
  return async (path, top) => {
    await symlink(/^[./]/.test(target) ? target : join(top, target), path);
  };
}

function hardLinkTo(target: string): Plant {
  return async (path, top) => {
    await link(join(top, target), path);
  };
}

async function folder(path: string): Promise<void> {
  await mkdir(path);
}

async function nothing(): Promise<void> {
  await Promise.resolve();
}

async function pipe(path: string): Promise<void> {
  await promisify(execFile)('mkfifo', [path]);
}

async function socket(path: string): Promise<void> {
  const listen = "require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 9))";
  await promisify(execFile)(process.execPath, ['-e', listen, path]).catch(() => undefined);
}

async function hugeFile(path: string): Promise<void> {
  await writeFile(path, '');
  await truncate(path, 1 << 30);
}

async function junk(path: string): Promise<void> {
  await writeFile(path, 'junk');
}

async function giveAll(path: string): Promise<void> {
  for (const each of ['.', ...(await readdir(path, { recursive: true }))])
    await lchown(join(path, each), owner, owner);
}

/** Names, owners, modes and times. */
async function contents(folder: string): Promise<readonly unknown[]> {
  const names = ['.', ...(await readdir(folder, { recursive: true }))].sort();
  return await Promise.all(
    names.map(async (each) => {
      const { uid, gid, mode, mtimeMs, nlink } = await lstat(join(folder, each));
      return [each, uid, gid, mode, mtimeMs, nlink];
    }),
  );
}
