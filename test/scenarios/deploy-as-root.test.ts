/** Root deploys what another user's state folder holds: hooks of root as root, everything else as that user. */
import { execFile } from 'node:child_process';
import {
  chmod,
  chown,
  lchown,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { recordInstallation } from '../../src/core/deployment.ts';
import { type CertificateName, parseCertificateName, parseDomain } from '../../src/core/names.ts';
import type { RootQueue } from '../../src/core/root-queue.ts';
import { FileCertificateStore } from '../../src/io/certificate-store.ts';
import { isRoot, owner, programForAll } from '../support/as-root.ts';
import { makeCertificateFiles } from '../support/certificate-files.ts';
import { OwnEtc } from '../support/own-etc.ts';
import { type LanacmeOptions, runLanacme, startLanacme } from '../support/run-lanacme.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';

const name = parseCertificateName('lan.example');
const spec = {
  domains: [parseDomain('lan.example')],
  server: 'https://ca.example/dir',
  keyType: 'ec256',
} as const;
const files = await makeCertificateFiles({ names: ['lan.example'] });

describe.runIf(isRoot(import.meta.url))('root, deploying from the state folder of another user,', () => {
  let top: TempFolder;
  let program: string;
  let count = 0;
  let folder: string;
  let stateDir: string;
  let etc: OwnEtc;
  let said: string;

  beforeAll(async () => {
    top = await makeTempFolder('deploy-as-root');
    program = await programForAll(top.path);
  });
  afterAll(async () => {
    await top.remove();
  });
  beforeEach(async () => {
    count += 1;
    folder = join(top.path, String(count));
    await mkdir(folder);
    etc = await OwnEtc.make(folder);
    stateDir = join(folder, 'state');
    said = join(folder, 'said');
    await mkdir(said);
    await chown(said, owner, owner);
    await mkdir(stateDir, { mode: 0o700 });
  });

  const certificates = () => new FileCertificateStore(stateDir);
  const installAs = async (as: CertificateName, ...deployHooks: readonly string[]): Promise<void> => {
    const { version } = await certificates().install(as, files);
    const at = '2026-11-22T12:00:00Z';
    const order = { name: as, spec, deployHooks, version, at };
    await certificates().saveRecord(recordInstallation(await certificates().record(as), order));
  };
  const install = async (...deployHooks: readonly string[]): Promise<void> => {
    await installAs(name, ...deployHooks);
    await giveAll(stateDir);
  };
  const options = (): LanacmeOptions => ({
    program,
    ...etc.options,
    env: { LANACME_STATE_DIR: stateDir, LANACME_LOG_FORMAT: 'pretty' },
  });
  const lanacme = async (...args: readonly string[]) => await runLanacme(args, options());
  const tell = (file: string) => `(id -u; env | grep -E '^(RENEWED|LANACME)' | sort) > ${said}/${file}`;
  const told = async (file: string) => (await readFile(join(said, file), 'utf8').catch(() => '')).split('\n');

  const deployed = async (): Promise<unknown> => {
    const { stdout } = await lanacme('status', '--json');
    const { certificates: rows } = JSON.parse(stdout) as { readonly certificates: { deployed: boolean }[] };
    return rows[0]?.deployed;
  };
  const noted = async (): Promise<RootQueue> => {
    const [of = ''] = await readdir(etc.queue);
    return JSON.parse(await readFile(join(etc.queue, of, 'lan.example.json'), 'utf8')) as RootQueue;
  };

  test("runs the certificate's own hooks as that user, and its own as root, once each", async () => {
    await install(tell('own'));
    await etc.write('lanacme.env', `LANACME_DEPLOY_HOOK=${tell('file')}\n`, 0o600);
    await etc.write('deploy.d/10-x', `#!/bin/sh\n${tell('executable')}\n`, 0o755);
    expect(await lanacme('deploy')).toMatchObject({ code: 0 });
    expect((await told('own'))[0]).toBe(String(owner));
    for (const file of ['file', 'executable']) {
      const [user, ...variables] = await told(file);
      expect(user).toBe('0');
      expect(variables).toContain('RENEWED_DOMAINS=lan.example');
      expect(variables).toContain(`RENEWED_LINEAGE=${stateDir}/live/lan.example`);
    }
    const again = await lanacme('deploy');
    expect(again).toMatchObject({ code: 0 });
    expect(again.stderr).toContain('nothing to do');
    expect((await lanacme('deploy', '--force')).stderr).toContain('running the deploy hook as root');
    const [folders] = await readdir(etc.queue);
    expect(await readdir(join(etc.queue, folders ?? ''))).toEqual(['lan.example.json']);
  });

  test('a hook of root that fails is tried again, and only that', async () => {
    await install(`echo own >> ${said}/runs`);
    const hook = `echo root >> ${said}/runs; test -e ${said}/mended`;
    await etc.write('lanacme.env', `LANACME_DEPLOY_HOOK="${hook}"\n`, 0o600);
    const failed = await lanacme('deploy', '--json');
    expect(failed.code).toBe(1);
    expect(JSON.parse(failed.stdout)).toMatchObject({
      errors: [{ code: 'hook.failed', certificate: 'lan.example' }],
    });
    await writeFile(join(said, 'mended'), '');
    expect((await lanacme('deploy')).code).toBe(0);
    expect(await told('runs')).toEqual(['own', 'root', 'root', '']);
  });

  test('a hook that root has no more is owed nothing', async () => {
    await install();
    await etc.write('lanacme.env', `LANACME_DEPLOY_HOOK=${tell('file')}\n`, 0o600);
    expect(await lanacme('deploy')).toMatchObject({ code: 0 });
    await etc.write('lanacme.env', '', 0o600);
    await chownAll(stateDir, 0);
    await install();
    expect(await lanacme('deploy')).toMatchObject({ code: 0 });
    const { stdout } = await lanacme('status', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ certificates: [{ name, deployed: true }], errors: [] });
    expect(await readdir(etc.queue)).toEqual([]);
  });

  test('one of several hooks that root has no more is owed nothing, whoever asks', async () => {
    await install();
    await etc.write('lanacme.env', `LANACME_DEPLOY_HOOK=${tell('file')}\n`, 0o644);
    await etc.write('deploy.d/10-gone', '#!/bin/sh\nexit 3\n', 0o755);
    expect(await lanacme('deploy')).toMatchObject({ code: 1 });
    expect(await deployed()).toBe(false);
    await rm(join(folder, 'etc/lanacme/deploy.d/10-gone'));
    expect(await deployed()).toBe(true);
    // A run with hooks of its own tells nothing of those that root has.
    expect(await lanacme('deploy', '--deploy-hook', 'true')).toMatchObject({ code: 0 });
    expect((await noted()).hooks).toHaveLength(2);
    // What asks as that user, such as the metrics of a renewal, reads what root has noted.
    expect(await lanacme('deploy')).toMatchObject({ code: 0 });
    expect((await noted()).hooks).toMatchObject([{ command: tell('file'), done: '0001' }]);
  });

  test('a hook that root has not run yet is owed, also to the first certificate', async () => {
    await install();
    expect(await deployed()).toBe(true);
    await etc.write('lanacme.env', `LANACME_DEPLOY_HOOK=${tell('file')}\n`, 0o600);
    expect(await deployed()).toBe(false);
    expect(await lanacme('deploy')).toMatchObject({ code: 0 });
    expect(await deployed()).toBe(true);
  });

  test('hooks that others could have written are not run', async () => {
    await install();
    const path = await etc.write('lanacme.env', `LANACME_DEPLOY_HOOK=${tell('file')}\n`, 0o666);
    const result = await lanacme('deploy');
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(`the hooks in ${path} are not run: it can be written by others`);
    expect(await readdir(said)).toEqual([]);
  });

  test('hooks may run as another user still', async () => {
    await install();
    await etc.write(
      'lanacme.env',
      `LANACME_DEPLOY_HOOK="(id -un; id -gn; id -Gn; echo $HOME; grep CapEff /proc/self/status) > ${said}/who"\n`,
      0o600,
    );
    await chmod(said, 0o777);
    expect(await lanacme('deploy', '--hook-user', 'daemon')).toMatchObject({ code: 0 });
    expect(await told('who')).toEqual([
      'daemon',
      'daemon',
      'daemon',
      expect.stringMatching(/^\//),
      'CapEff:\t0000000000000000',
      '',
    ]);
    const nobody = await lanacme('deploy', '--force', '--hook-user', 'no-such-user');
    expect(nobody.code).toBe(1);
    expect(nobody.stderr).toContain('the hooks cannot run as no-such-user: there is no such user');
  });

  test('a state folder of root: all hooks run as root, or as whom root names, and nothing is noted elsewhere', async () => {
    await installAs(name, tell('own'));
    await etc.write('lanacme.env', `LANACME_DEPLOY_HOOK=${tell('file')}\n`, 0o600);
    expect(await lanacme('deploy')).toMatchObject({ code: 0 });
    expect([(await told('own'))[0], (await told('file'))[0]]).toEqual(['0', '0']);
    await rm(said, { recursive: true });
    await mkdir(said);
    await chmod(said, 0o777);
    expect(await lanacme('deploy', '--force', '--hook-user', 'daemon')).toMatchObject({ code: 0 });
    expect([(await told('own'))[0], (await told('file'))[0]]).toEqual(['1', '1']);
    await expect(readdir(etc.queue)).rejects.toThrow('ENOENT');
  });

  test('a hook of root that fails has the version before come back, also for root', async () => {
    const note = `echo "$LANACME_HOOK_VERSION" >> ${said}/runs; test "$LANACME_HOOK_VERSION" = 0001`;
    await etc.write('lanacme.env', `LANACME_DEPLOY_HOOK='${note}'\n`, 0o600);
    await install();
    expect(await lanacme('deploy')).toMatchObject({ code: 0 });
    await chownAll(stateDir, 0);
    await installAs(name);
    await giveAll(stateDir);
    const result = await lanacme('deploy', '--rollback-on-failure');
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('went back to version 0001');
    expect(await told('runs')).toEqual(['0001', '0002', '0001', '']);
    expect(await readlink(join(stateDir, 'live/lan.example'))).toBe('../archive/lan.example/0001');
  });

  /** Of root; it says when it is told to end. */
  async function startHookWithoutEnd(): Promise<ReturnType<typeof startLanacme>> {
    await install();
    await etc.write(
      'lanacme.env',
      `LANACME_DEPLOY_HOOK="trap 'echo ended > ${said}/end; exit' TERM; echo begun; while :; do sleep 0.05; done"\n`,
      0o600,
    );
    const running = startLanacme(['deploy'], options());
    await running.says('hook: begun');
    return running;
  }

  test('an end of the run ends the hook of root', async () => {
    const running = await startHookWithoutEnd();
    running.kill('SIGTERM');
    expect(await running.ended).toMatchObject({ signal: 'SIGTERM' });
    expect(await told('end')).toEqual(['ended', '']);
    expect((await noted()).hooks.map(({ wanted, done }) => [wanted, done])).toEqual([['0001', undefined]]);
  });

  test('killed by force, nothing of the run goes on: neither what was that user’s nor the hook of root', async () => {
    const running = await startHookWithoutEnd();
    running.kill('SIGKILL');
    await running.ended;
    await vi.waitFor(async () => {
      expect(await told('end')).toEqual(['ended', '']);
    }, 20_000);
    // Soon nobody holds the lock any more.
    await promisify(execFile)('flock', ['--timeout', '20', join(stateDir, 'lock'), 'true']);
  });

  test('what that user plants comes to nothing: nothing outside is read, changed or run as root', async () => {
    await installAs(name, tell('own'));
    const closed = join(folder, 'closed');
    await mkdir(closed, { mode: 0o700 });
    await writeFile(join(closed, 'cert.pem'), 'secret', { mode: 0o600 });
    // What a careless hook does.
    const copy = `cp -rL "$RENEWED_LINEAGE"/. ${said}/copy-$LANACME_HOOK_NAME; chmod -R a+rX ${said}`;
    await etc.write('lanacme.env', `LANACME_DEPLOY_HOOK='${copy}'\n`, 0o600);
    const planted = ['link', 'version', 'key', 'pipe', 'hard', 'hook'].map(parseCertificateName);
    for (const each of planted)
      await installAs(each, `touch ${closed}/by-hook; id -u > ${said}/hook-${each}`);
    const at = (path: string) => join(stateDir, path);
    await rm(at('live/link'));
    await symlink(closed, at('live/link'));
    await rm(at('archive/version/0001'), { recursive: true });
    await symlink(closed, at('archive/version/0001'));
    await rm(at('archive/key/0001/privkey.pem'));
    await symlink(join(closed, 'cert.pem'), at('archive/key/0001/privkey.pem'));
    await rm(at('archive/pipe/0001/chain.pem'));
    await promisify(execFile)('mkfifo', [at('archive/pipe/0001/chain.pem')]);
    await rm(at('archive/hard/0001/privkey.pem'));
    await link(join(closed, 'cert.pem'), at('archive/hard/0001/privkey.pem'));
    for (const odd of ['..', '$(id)', 'a b', '-x', 'a\nb'])
      await writeFile(at(`certificates/${odd}.json`), await readFile(at('certificates/hook.json')));
    await giveAll(stateDir);
    // A hard link has one owner.
    await chown(join(closed, 'cert.pem'), 0, 0);
    const before = await contents(closed);

    const result = await lanacme('deploy', '--force');
    expect(result.code).toBe(1);
    expect(await contents(closed)).toEqual(before);
    expect((await readdir(said)).filter((each) => each.startsWith('copy'))).toEqual([
      'copy-hook',
      'copy-lan.example',
    ]);
    for (const each of await readdir(said)) {
      if (each.startsWith('hook-')) expect(await told(each)).toEqual([String(owner), '']);
    }
    const [folders = ''] = await readdir(etc.queue);
    expect(await readdir(join(etc.queue, folders))).toEqual(['hook.json', 'lan.example.json']);
    expect(await readdir(folder)).toEqual(['closed', 'etc', 'lib', 'said', 'state']);
  });
});

async function giveAll(path: string): Promise<void> {
  await chownAll(path, owner);
}

async function chownAll(path: string, uid: number): Promise<void> {
  for (const each of ['.', ...(await readdir(path, { recursive: true }))])
    await lchown(join(path, each), uid, uid);
}

/** Names, owners, modes and texts. */
async function contents(path: string): Promise<readonly unknown[]> {
  const names = ['.', ...(await readdir(path, { recursive: true }))].sort();
  return await Promise.all(
    names.map(async (each) => {
      const { uid, gid, mode, mtimeMs } = await lstat(join(path, each));
      return [each, uid, gid, mode, mtimeMs];
    }),
  );
}
