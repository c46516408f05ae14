/** `sudo lanacme …` on a state folder of another user. Only root can try it; core/state-owner has the decision itself. */
import { chown, cp, lchown, lstat, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { giveToOwner, isRoot, owner, programForAll, stranger } from '../support/as-root.ts';
import { run } from '../support/child-process.ts';
import { distFolder, type LanacmeOptions, type LanacmeResult, runLanacme } from '../support/run-lanacme.ts';
import { startWorld, type World } from '../world/world.ts';
import type { Host } from '../world/world-host.ts';

const both = ['--domain', '*.lan.example', '--domain', 'lan.example'];

describe.runIf(isRoot(import.meta.url))('root, on the state folder of another user,', () => {
  let world: World;
  let host: Host;
  let program: string;
  let hosts = 0;

  beforeAll(async () => {
    world = await startWorld({ pendingMs: 100, route53: { rateLimit: 'none' } });
    program = await programForAll(world.folder);
  });
  afterAll(async () => {
    await world.stop();
  });
  beforeEach(async () => {
    hosts += 1;
    host = await world.addHost({ thingName: `host-${hosts}` });
    await giveToOwner(host);
  });

  const lanacme = async (args: readonly string[], options: LanacmeOptions = {}): Promise<LanacmeResult> =>
    await runLanacme(args, { program, env: host.environment({ LANACME_LOG_FORMAT: 'pretty' }), ...options });
  /** The same as another user, by way of util-linux's setpriv. */
  const lanacmeAs = async (uid: number, args: readonly string[]): Promise<LanacmeResult> =>
    await lanacme(args, {
      node: 'setpriv',
      nodeArgs: [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups', process.execPath],
    });
  /** A hook that says what it and lanacme may do. */
  const tellRights = `id -u; id -g; id -G; echo "$HOME"; grep -E '^(Uid|Gid|Groups|CapPrm|CapEff):' /proc/$PPID/status`;

  test('becomes that user: every file is theirs, and their own next run goes on from there', async () => {
    const said = join(host.stateDir, 'said');
    const result = await lanacme(['issue', ...both, '--deploy-hook', `(${tellRights}) > ${said}`]);
    expect(result).toMatchObject({ code: 0, stdout: `${host.stateDir}/live/lan.example\n` });
    expect(result.stderr).toContain(`${host.stateDir} belongs to user id ${owner}: going on as that user`);
    const owners = await ownersBelow(host.stateDir);
    expect(owners.size).toBeGreaterThan(12);
    expect(new Set(owners.values())).toEqual(new Set([`${owner}:${owner}`]));
    expect((await readFile(said, 'utf8')).split('\n')).toEqual([
      ...[String(owner), String(owner), String(owner), '/'],
      `Uid:\t${owner}\t${owner}\t${owner}\t${owner}`,
      `Gid:\t${owner}\t${owner}\t${owner}\t${owner}`,
      `Groups:\t${owner} `,
      ...['CapPrm', 'CapEff'].map((set) => `${set}:\t0000000000000000`),
      '',
    ]);
    await world.forgetRequests();
    expect((await lanacmeAs(owner, ['issue', ...both])).code).toBe(0);
    expect((await world.counts()).acme).toEqual({});
    expect((await lanacmeAs(owner, ['issue', ...both, '--force'])).code).toBe(0);
  });

  test('takes the groups and the home of a user that the user database knows', async () => {
    const daemon = await userNamed('daemon');
    for (const path of [host.stateDir, host.keyFile]) await chown(path, daemon.uid, daemon.gid);
    const said = join(host.stateDir, 'said');
    const hook = `(id -u; id -g; id -G; echo "$HOME") > ${said}`;
    const result = await lanacme(['issue', ...both, '--deploy-hook', hook]);
    expect(result.code).toBe(0);
    expect(result.stderr).toContain(`belongs to user daemon (id ${daemon.uid})`);
    expect((await readFile(said, 'utf8')).split('\n')).toEqual([
      ...[String(daemon.uid), String(daemon.gid), String(daemon.gid), daemon.home],
      '',
    ]);
  });

  test('has read the env file before, which may be closed to that user', async () => {
    const config = join(world.folder, `${host.thingName}.env`);
    const lines = Object.entries(host.environment()).map(([name, value]) => `${name}=${value}`);
    await writeFile(config, lines.join('\n'), { mode: 0o600 });
    const result = await lanacme(['issue', ...both, '--config', config], { env: {} });
    expect(result.code).toBe(0);
  });

  test('does not use files of root, and tells as whom it did not get them', async () => {
    await chown(host.keyFile, 0, 0);
    const result = await lanacme(['issue', ...both]);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(
      `cannot read ${host.keyFile}: permission denied (credentials.file-unreadable)`,
    );
    expect(result.stderr).toContain(
      `lanacme runs as user id ${owner}, who must own the file (chown ${owner} ${host.keyFile})`,
    );
    expect(new Set((await ownersBelow(host.stateDir)).values())).toEqual(new Set([`${owner}:${owner}`]));
  });

  test('reads it as that user, too', async () => {
    const result = await lanacme(['status']);
    expect(result.code).toBe(0);
    expect(result.stderr).toContain('going on as that user');
  });

  test('makes one that is missing as root', async () => {
    const stateDir = join(world.folder, 'missing');
    await chown(host.keyFile, 0, 0);
    const result = await lanacme(['issue', ...both, '--state-dir', stateDir]);
    expect(result.code).toBe(0);
    expect(new Set((await ownersBelow(stateDir)).values())).toEqual(new Set(['0:0']));
    expect((await lstat(stateDir)).mode & 0o7777).toBe(0o700);
  });

  test("follows root's link to it, and not one of a third user", async () => {
    const link = join(world.folder, `link-${hosts}`);
    await symlink(host.stateDir, link);
    expect((await lanacme(['status', '--state-dir', link])).code).toBe(0);
    const evil = join(world.folder, 'hosts', 'evil');
    await mkdir(evil);
    await symlink('/root', join(evil, 'state'));
    await lchown(join(evil, 'state'), stranger, stranger);
    const refused = await lanacme(['status', '--state-dir', join(evil, 'state')]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(
      `${evil}/state is a link that user ${stranger} made, to a folder of user 0 (state.unsafe)`,
    );
  });

  test('refuses when that user cannot read lanacme itself', async () => {
    const closed = join(world.folder, 'closed');
    await mkdir(closed, { mode: 0o700 });
    await cp(distFolder, closed, { recursive: true });
    const result = await lanacme(['issue', ...both], { program: join(closed, 'lanacme.js') });
    expect(result.code).toBe(1);
    expect(result.stderr).toMatch(new RegExp(`${closed}/\\S+ is closed to user id ${owner}`));
    expect(result.stderr).toContain(`let that user read the files of lanacme`);
  });

  test('names the program that it needs for that, where a host does not have it', async () => {
    const result = await lanacme(['status'], { env: host.environment({ PATH: '/nonexistent' }) });
    expect(result.code).toBe(1);
    expect(result.stderr).toContain('setpriv');
    expect(result.stderr).toContain('install it: apt install util-linux');
  });

  test('refuses when it would keep the group of root', async () => {
    await chown(host.stateDir, owner, 0);
    const result = await lanacme(['issue', ...both]);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(
      `belongs to user ${owner}, whom the user database does not know, and to the group of root (state.unsafe)`,
    );
    expect(result.stderr).toContain(`chgrp ${owner} '${host.stateDir}'`);
  });

  test('gives keys to another user only on a state folder of its own', async () => {
    const wishes = ['--owner', 'daemon', '--combined'];
    const refused = await lanacme(['issue', ...both, ...wishes]);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(
      `--owner: only root can give files to daemon, and lanacme runs as user id ${owner}`,
    );
    const stateDir = join(world.folder, `given-${hosts}`);
    await chown(host.keyFile, 0, 0);
    const result = await lanacme(['issue', ...both, ...wishes, '--state-dir', stateDir]);
    expect(result.code).toBe(0);
    const daemon = await userNamed('daemon');
    const live = join(stateDir, 'live', 'lan.example');
    const cat = async (uid: number): Promise<string> =>
      await run('setpriv', [
        ...[`--reuid=${uid}`, `--regid=${stranger}`, '--clear-groups'],
        ...['cat', join(live, 'combined.pem')],
      ]).catch(String);
    expect(await cat(daemon.uid)).toContain('-----BEGIN PRIVATE KEY-----');
    expect(await cat(stranger)).toContain('Permission denied');
    // Root itself still finds its way: nothing to do.
    const again = await lanacme(['issue', ...both, ...wishes, '--state-dir', stateDir]);
    expect(again.stderr).toContain('nothing to do');
  });

  test('a third user is refused: both are named', async () => {
    const result = await lanacmeAs(stranger, ['status']);
    expect(result.code).toBe(1);
    expect(result.stderr).toContain(
      `${host.stateDir} belongs to user ${owner}, and lanacme runs as user ${stranger} (state.unsafe)`,
    );
  });
});

/** `uid:gid` of a folder and everything below it, links not followed. */
async function ownersBelow(folder: string): Promise<ReadonlyMap<string, string>> {
  const paths = ['.', ...(await readdir(folder, { recursive: true }))];
  return new Map(
    await Promise.all(
      paths.map(async (path) => {
        const { uid, gid } = await lstat(join(folder, path));
        return [path, `${uid}:${gid}`] as const;
      }),
    ),
  );
}

async function userNamed(name: string): Promise<{ uid: number; gid: number; home: string }> {
  const line = (await readFile('/etc/passwd', 'utf8'))
    .split('\n')
    .find((text) => text.startsWith(`${name}:`));
  const [, , uid, gid, , home = ''] = line?.split(':') ?? [];
  return { uid: Number(uid), gid: Number(gid), home };
}
