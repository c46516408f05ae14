/**
 * A tree with an init, booted by systemd-nspawn on the network of this machine. Whatever it starts ends with us, by
 * kill -9 too, and leaves nothing mounted.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { hasEnded, run } from '../support/child-process.ts';
import { poll } from '../support/poll.ts';

export interface Result {
  /** `null` if a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Container {
  /** Of its init, as this machine counts. */
  readonly pid: number;
  /** Runs a command line of a shell in there, as root. */
  execute(command: string, input?: string | Buffer): Promise<Result>;
  /** All of it, at once. */
  kill(): Promise<void>;
}

/**
 * Boots in mounts, processes and control groups of its own: all of them end when the first of the processes does, which
 * is when we do. `$1` is the name, `$2` the folder, `$3` the layers of the tree, the rest the hierarchies of cgroups.
 */
const bootScript = `set -e
name=$1 folder=$2
mount -t overlay overlay -o "lowerdir=$3,upperdir=$folder/disk,workdir=$folder/work" "$folder/root"
shift 3
mkdir -p /run/systemd/nspawn
mount -t tmpfs tmpfs /run/systemd/nspawn
for hierarchy; do
  mkdir -p "$hierarchy/$name"
  echo 0 > "$hierarchy/$name/cgroup.procs"
done
exec systemd-nspawn --quiet --boot --directory="$folder/root" --machine="$name" --register=no --keep-unit \\
  --console=pipe --resolv-conf=off --timezone=off --link-journal=no`;

/**
 * Boots what overlayfs makes of the layers (the lowest last) and `folder`, which has the folders `disk`, where everything
 * that changes is kept, `work` and `root`.
 */
export async function bootContainer(folder: string, layers: readonly string[]): Promise<Container> {
  const name = basename(folder).toLowerCase();
  const child = spawn(
    'setpriv',
    [
      ...['--pdeathsig', 'KILL', 'unshare', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'],
      ...['sh', '-c', bootScript, 'sh', name, folder, layers.join(':'), ...(await cgroupHierarchies())],
    ],
    {
      // Not in our group: an interrupt at the keyboard is for the tests, which then end it.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], LANG: 'C.UTF-8', SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' },
    },
  );
  const said: string[] = [];
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const kill = async (): Promise<void> => {
    await endAtOnce(child);
    await removeCgroups(name);
  };
  const pid = await bootedInit(child);
  if (pid === undefined) {
    await kill();
    throw new Error(`it did not boot:\n${said.join('')}`);
  }
  return { pid, kill, execute: async (command, input) => await execute(pid, command, input) };
}

/** Its init, once that answers systemctl. */
async function bootedInit(child: ChildProcess): Promise<number | undefined> {
  let booted: number | undefined;
  await poll(async () => {
    const init = await initBelow(child.pid ?? 0);
    if (init !== undefined && (await answers(init))) booted = init;
    return booted !== undefined || hasEnded(child);
  });
  return booted;
}

/** Below unshare is systemd-nspawn, and below that the init of the container. */
async function initBelow(pid: number): Promise<number | undefined> {
  const nspawn = await onlyChild(pid);
  const init = nspawn === undefined ? undefined : await onlyChild(nspawn);
  return init !== undefined && (await isFirstOfItsOwn(init)) ? init : undefined;
}

/** Not so what the script starts before it becomes systemd-nspawn: the systemd that this would ask is the machine's. */
async function isFirstOfItsOwn(pid: number): Promise<boolean> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return /^NSpid:.*\t1$/m.test(status);
}

async function onlyChild(pid: number): Promise<number | undefined> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  const [child] = children.trim().split(' ');
  return child === undefined || child === '' ? undefined : Number(child);
}

/** Before there is an init, systemctl takes what it is in for a chroot, prints nothing and succeeds. */
async function answers(init: number): Promise<boolean> {
  return (await execute(init, 'systemctl show --property=Version')).stdout.startsWith('Version=');
}

async function execute(init: number, command: string, input?: string | Buffer): Promise<Result> {
  const inside = [
    '--target',
    String(init),
    ...['mount', 'uts', 'ipc', 'pid', 'cgroup'].map((ns) => `--${ns}`),
  ];
  const args = [...inside, '--root', '--wd', '--', '/bin/sh', '-c', command];
  const child = spawn('nsenter', args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      LANG: 'C.UTF-8',
      HOME: '/root',
    },
  });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      said[stream] += text;
    });
  // A command that does not read is none of our business.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...said };
}

async function endAtOnce(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const ended = once(child, 'close');
  child.kill('SIGKILL');
  await ended;
}

/** Where this machine keeps control groups that have no controllers: cgroup v2, and systemd's own of v1. */
async function cgroupHierarchies(): Promise<readonly string[]> {
  const mounts = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  return mounts.flatMap((line) => {
    const isOne = / - cgroup2 /.test(line) || / - cgroup .*\bname=systemd\b/.test(line);
    return isOne ? [line.split(' ')[4] ?? ''] : [];
  });
}

/** They stay behind, and are empty as soon as the last process in them is gone. */
async function removeCgroups(name: string): Promise<void> {
  for (const hierarchy of await cgroupHierarchies()) {
    await poll(async () => await isRemoved(join(hierarchy, name)));
  }
}

async function isRemoved(cgroup: string): Promise<boolean> {
  const script = 'test ! -d "$1" || find "$1" -depth -type d -delete';
  return await run('sh', ['-c', script, 'sh', cgroup]).then(
    () => true,
    () => false,
  );
}
