/** The Debian package before anybody installs it: the same bytes everywhere, and what Debian's own tools say of it. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DebianPackage, makeDebianPackage } from '../../packaging/debian-package.ts';
import { run } from '../support/child-process.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';
import { nodeBinary, nodeVersions } from '../world/node-versions.ts';
import { complaintsOfMan, unpack } from './package-contents.ts';

const top = fileURLToPath(new URL('../..', import.meta.url));
const version = '1.2.3';

// As a distributor says it; a commit that is made meanwhile would be another date.
process.env['SOURCE_DATE_EPOCH'] = '1767225600';

let folder: TempFolder;
let made: DebianPackage;
let files: readonly string[];
const inside = (path: string): string => join(folder.path, 'root', path);

beforeAll(async () => {
  folder = await makeTempFolder('deb');
  made = await makeDebianPackage(version, join(folder.path, 'out'));
  files = await unpack(made.path, join(folder.path, 'root'));
});
afterAll(async () => {
  await folder.remove();
});

test('its size is told', () => {
  process.stdout.write(`lanacme.deb: ${made.kilobytes} kB, ${made.installedKilobytes} kB installed\n`);
  expect(made.kilobytes).toBeLessThan(1_000);
  expect(made.installedKilobytes).toBeLessThan(5_000);
});

describe('the same sources give the same bytes', () => {
  const sha256 = async (path: string): Promise<string> =>
    createHash('sha256')
      .update(await readFile(path))
      .digest('hex');

  test('twice', async () => {
    const again = await makeDebianPackage(version, join(folder.path, 'again'));
    expect(await sha256(again.path)).toBe(await sha256(made.path));
  });

  test('in another folder, without git, with other dates and modes, under another umask, by another Node, with one core', async () => {
    const newest = await nodeBinary(nodeVersions[3]);
    const copy = join(folder.path, 'elsewhere', 'sources');
    // Links to the libraries' files are enough, where the temporary folder is on the same disk.
    const script = `umask 077
mkdir -p "$2" && cd "$1"
git ls-files -z --cached --others --exclude-standard |
  tar --create --null --files-from=- --ignore-failed-read | tar --extract --touch --no-same-permissions -C "$2"
cp -al node_modules "$2" 2>/dev/null || cp -a node_modules "$2"
cd "$2" && exec taskset 1 "$4" node_modules/tsx/dist/cli.mjs packaging/package.ts --version "$3" --out ../out`;
    await run('sh', ['-c', script, 'sh', top, copy, version, newest], {
      env: {
        PATH: process.env['PATH'],
        SOURCE_DATE_EPOCH: '1767225600',
        LC_ALL: 'C',
        TZ: 'Pacific/Kiritimati',
      },
    });
    const elsewhere = join(folder.path, 'elsewhere', 'out', `lanacme_${version}-1_all.deb`);
    expect(await sha256(elsewhere)).toBe(await sha256(made.path));
  });
});

describe('what it holds', () => {
  test('files where Debian has such files, and no others', () => {
    const places = [
      ...['etc/lanacme/lanacme.env', 'usr/bin/lanacme', 'usr/lib/lanacme/', 'usr/share/doc/lanacme/'],
      ...[
        'usr/lib/systemd/system/lanacme-',
        'usr/lib/sysusers.d/lanacme.conf',
        'usr/lib/tmpfiles.d/lanacme.conf',
      ],
      ...['usr/share/man/man1/lanacme', 'usr/share/lintian/overrides/lanacme'],
      ...['usr/share/bash-completion/completions/lanacme', 'usr/share/zsh/vendor-completions/_lanacme'],
    ];
    expect(files.filter((path) => !places.some((place) => path.startsWith(place)))).toEqual([]);
    expect(places.filter((place) => !files.some((path) => path.startsWith(place)))).toEqual([]);
  });

  test('all units but the example, which an administrator copies', async () => {
    const units = (await readdir(join(top, 'systemd'))).filter((name) =>
      /\.(service|socket|timer)$/.test(name),
    );
    const installed = await readdir(inside('usr/lib/systemd/system'));
    expect(installed.toSorted()).toEqual(units.filter((name) => !name.includes('failure')).toSorted());
    expect(files).toContain('usr/share/doc/lanacme/examples/lanacme-failure@.service');
  });

  test('modes that let everybody read the program, and nobody else the configuration', async () => {
    const listed = (await run('dpkg-deb', ['--contents', made.path])).trimEnd().split('\n');
    const special = listed.filter((line) => !/^(drwxr-xr-x|-rw-r--r--) root\/root /.test(line));
    expect(special.map((line) => line.replace(/^(\S+ \S+) .* \.\/(.*)$/, '$1 $2'))).toEqual([
      'drwxr-x--- root/root etc/lanacme/',
      '-rw-r----- root/root etc/lanacme/lanacme.env',
      '-rwxr-xr-x root/root usr/lib/lanacme/lanacme.js',
      'lrwxrwxrwx root/root usr/bin/lanacme -> ../lib/lanacme/lanacme.js',
    ]);
  });

  test("the notices of all that is bundled, and no word of this machine's folders", async () => {
    const copyright = await readFile(inside('usr/share/doc/lanacme/copyright'), 'utf8');
    for (const library of [
      'undici',
      'acme-client',
      '@aws-sdk/client-route-53',
      'node-forge',
      'yargs',
      'pino',
    ])
      expect(copyright).toMatch(new RegExp(`(^|, )${library} \\d`, 'm'));
    expect(copyright).not.toMatch(/GNU GENERAL/i);
    const { stdout } = {
      stdout: await run('grep', ['-rlF', top.replace(/\/$/, ''), inside('')]).catch(() => ''),
    };
    expect(stdout).toBe('');
  });

  test('the program, which says its version', async () => {
    expect(await run(process.execPath, [inside('usr/bin/lanacme'), '--version'])).toBe(`${version}\n`);
    expect(await readFile(inside('usr/bin/lanacme'), 'utf8')).toMatch(/^#!\/usr\/bin\/node\n/);
  });
});

test('lintian finds no error', async () => {
  const found = await run('lintian', [
    '--allow-root',
    '--fail-on',
    'none',
    '--tag-display-limit',
    '0',
    made.path,
  ]);
  process.stdout.write(found);
  expect(found.match(/^E:.*/gm) ?? []).toEqual([]);
});

test('shellcheck has nothing to complain about', async () => {
  const scripts = ['postinst', 'prerm', 'postrm'].map((name) => join(top, 'packaging/debian', name));
  expect(await run('shellcheck', scripts)).toBe('');
  const completion = inside('usr/share/bash-completion/completions/lanacme');
  expect(await run('shellcheck', ['--shell', 'bash', completion])).toBe('');
});

test('man has nothing to complain about', async () => {
  const pages = await readdir(inside('usr/share/man/man1'));
  expect(pages).toContain('lanacme-renew.1.gz');
  for (const page of pages)
    expect([page, await complaintsOfMan(join(folder.path, 'root'), page)]).toEqual([page, '']);
});

test('zsh completes with it', async () => {
  const functions = inside('usr/share/zsh/vendor-completions');
  await run('zsh', ['-n', join(functions, '_lanacme')]);
  // A terminal of its own, read until it shows what is expected; what is typed is echoed, so "ready" is typed in two.
  const script = `zmodload zsh/zpty
zpty z zsh -f -i
zpty -w z "fpath=($1 \\$fpath); autoload -U compinit; compinit -u -D; print rea''dy"
zpty -r z said '*ready*'
for typed expected in 'lanacme roll' 'rollback' 'lanacme issue --agr' '--agree-tos' 'lanacme issue --key-type=rsa4' 'rsa4096' \\
  'lanacme status ' 'nas.lan.example'; do
  zpty -w -n z "$typed"$'\\t'
  zpty -r z said "*$expected*" && print -- "$expected"
  zpty -w -n z $'\\C-u'
done
zpty -d z`;
  await writeFile(join(folder.path, 'ask.zsh'), script);
  // Were any other of these offered, it could not complete the one.
  const live = join(folder.path, 'state', 'live');
  await mkdir(live, { recursive: true });
  for (const name of ['nas.lan.example', '$(touch injected)', 'n\u001b[2J', 'n c'])
    await symlink('../archive', join(live, name));
  const offered = await run('zsh', ['-f', join(folder.path, 'ask.zsh'), functions], {
    cwd: folder.path,
    env: { ...process.env, LANACME_STATE_DIR: join(folder.path, 'state') },
  });
  expect(offered.trim().split('\n')).toEqual(['rollback', '--agree-tos', 'rsa4096', 'nas.lan.example']);
  expect(await readdir(folder.path)).not.toContain('injected');
});
