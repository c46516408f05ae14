/** A Debian 13 on disk, as an administrator finds it after an installation: made once, kept between runs. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cached } from '../support/cache.ts';
import { run } from '../support/child-process.ts';
import { debianArchive } from '../world/debian-package.ts';

const release = 'trixie';
/** What lanacme's package depends on, systemd, nginx to serve with, and what an administrator types. */
const basePackages = [
  ...['systemd', 'systemd-sysv', 'dbus', 'libpam-systemd', 'sudo', 'procps'],
  ...['nginx-light', 'nodejs', 'ca-certificates'],
];

/**
 * The layers of a tree with these packages more, the lowest last, as overlayfs takes them: the plain tree, and what the
 * packages add to it. What they would start at boot is off: a test starts what it has configured.
 */
export async function debianTree(packages: readonly string[] = []): Promise<readonly string[]> {
  const base = await cached(keyOf(basePackages), async (folder) => {
    await bootstrap(join(folder, 'tree'));
  });
  if (packages.length === 0) return [join(base, 'tree')];
  const key = keyOf([...basePackages, '+', ...packages]);
  const layer = await cached(key, async (folder) => {
    await addPackages(join(base, 'tree'), folder, packages);
  });
  return [join(layer, 'tree'), join(base, 'tree')];
}

function keyOf(packages: readonly string[]): string {
  const hash = createHash('sha256').update(packages.join(' ')).digest('hex');
  return `debian-${release}-${process.arch}-${hash.slice(0, 12)}`;
}

async function bootstrap(tree: string): Promise<void> {
  const mirror = (await debianArchive()).uris.split(' ')[0] ?? '';
  const include = `--include=${basePackages.join(',')}`;
  const args = ['--variant=minbase', include, release, tree, mirror];
  // What is there is not fetched again. debootstrap gives up at the first file that a mirror does not send.
  const fetching =
    'for try in 1 2 3 4; do debootstrap --download-only "$@" && exit; sleep "$try"; done; exit 1';
  await run('sh', ['-c', fetching, 'sh', ...args], { timeoutMs: 600_000 });
  // In mounts of its own: what a failure leaves mounted goes with them, and is not removed with the folder.
  await run('unshare', ['--mount', 'debootstrap', ...args], { timeoutMs: 600_000 });
  // What the installer of Debian writes; what runs by itself and asks the mirror; what the first boot would do.
  await writeFile(join(tree, 'etc/hostname'), 'debian\n');
  await writeFile(join(tree, 'etc/hosts'), '127.0.0.1 localhost debian\n::1 localhost\n');
  await writeFile(join(tree, 'etc/resolv.conf'), '# nobody is asked outside\n');
  const timers = join(tree, 'etc/systemd/system/timers.target.wants');
  for (const timer of await readdir(timers)) await rm(join(timers, timer));
  await rm(join(tree, 'etc/nginx/sites-enabled/default'));
  await rm(join(tree, 'var/cache/apt/archives'), { recursive: true });
  await mkdir(join(tree, 'var/cache/apt/archives/partial'), { recursive: true });
  await mkdir(join(tree, 'var/log/journal'), { recursive: true });
}

/** Installs packages on top of the tree, with the machine's way to the mirror, and starts nothing. */
async function addPackages(base: string, folder: string, packages: readonly string[]): Promise<void> {
  const script = `set -e
mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$2/merged"
cd "$2/merged"; shift 2
mount -t proc proc proc
mount -t tmpfs tmpfs run
mount --rbind /dev dev
cat /etc/resolv.conf > run/resolv.conf
mount --bind run/resolv.conf etc/resolv.conf
printf '#!/bin/sh\\nexit 101\\n' > usr/sbin/policy-rc.d
chmod 0755 usr/sbin/policy-rc.d
ls etc/systemd/system/*.wants > run/before
fetch='-o Acquire::Retries=5 -o APT::Update::Error-Mode=any'
chroot . apt-get -qq $fetch update
chroot . apt-get -qq $fetch install --yes --no-install-recommends "$@"
chroot . apt-get -qq clean
rm usr/sbin/policy-rc.d
for each in etc/systemd/system/*.wants/*; do
  grep -qxF "\${each##*/}" run/before || rm "$each"
done`;
  for (const part of ['upper', 'work', 'merged']) await mkdir(join(folder, part));
  await run('unshare', ['--mount', 'sh', '-c', script, 'sh', base, folder, ...packages], {
    timeoutMs: 600_000,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' },
  });
  await rename(join(folder, 'upper'), join(folder, 'tree'));
  for (const part of ['work', 'merged']) await rm(join(folder, part), { recursive: true });
}
