/**
 * A Debian 13 that boots: real systemd, real nginx, Node from Debian, in a container of systemd-nspawn that shares the
 * loopback of this machine, and so the world of the tests. It ends with the process that started it, also by kill -9.
 */
import { mkdir, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { patienceMs, poll } from '../support/poll.ts';
import { makeTempFolder, memoryFolder, type TempFolder } from '../support/temp-folder.ts';
import { bootContainer, type Container, type Result } from './container.ts';
import { debianTree } from './debian-tree.ts';

export interface DebianOptions {
  /** Packages of Debian beside the usual ones; what they would start at boot is off. */
  readonly packages?: readonly string[];
}

export interface Debian {
  /** Of its init, as this machine counts. */
  readonly pid: number;
  /** Runs a command line of a shell as root; `input` is its standard input. */
  attempt(command: string, input?: string | Buffer): Promise<Result>;
  /** The same, and returns what it printed, without the last line end; throws unless it succeeds. */
  sh(command: string, input?: string | Buffer): Promise<string>;
  /** Writes a file of root's, and its folder. Mode 0644 by default. */
  write(path: string, text: string | Buffer, mode?: number): Promise<void>;
  /** A path in there as it is called here, while it runs. */
  path(inside: string): string;
  /** Waits until a command line succeeds; throws with the journal if that takes longer than two minutes. */
  until(command: string): Promise<void>;
  /** The end of its journal, or what journalctl prints with these arguments. */
  journal(...args: readonly string[]): Promise<string>;
  /** Kills all of it at once. Its disk stays. */
  powerCut(): Promise<void>;
  /** Starts it again, from its disk. */
  boot(): Promise<void>;
  /** Ends it and removes its disk. */
  stop(): Promise<void>;
}

/** A booted Debian for a test file: there while its tests run. Its journal is told where one of them fails. */
export function useDebian(options: DebianOptions = {}): () => Debian {
  let debian: Debian | undefined;
  beforeAll(async () => {
    debian = await startDebian(options);
  });
  beforeEach(({ onTestFailed }) => {
    onTestFailed(async () => {
      process.stderr.write(`${(await debian?.journal()) ?? ''}\n`);
    });
  });
  afterAll(async () => {
    await debian?.stop();
  });
  return () => {
    if (debian === undefined) throw new Error('there is a Debian only while a test runs');
    return debian;
  };
}

async function startDebian({ packages }: DebianOptions = {}): Promise<Debian> {
  const layers = await debianTree(packages);
  const folder = await makeTempFolder('debian', await placeForDisks());
  for (const part of ['disk', 'work', 'root']) await mkdir(join(folder.path, part));
  const debian = debianOn(folder, layers);
  try {
    await debian.boot();
    return debian;
  } catch (error) {
    await debian.stop();
    throw error;
  }
}

/** A disk is a layer of an overlay, and those cannot lie on another overlay, such as the root of a container. */
async function placeForDisks(): Promise<string> {
  const overlayfs = 0x794c7630;
  return (await statfs(tmpdir())).type === overlayfs ? memoryFolder() : tmpdir();
}

function debianOn(folder: TempFolder, layers: readonly string[]): Debian {
  let running: Container | undefined;
  const container = (): Container => {
    if (running === undefined) throw new Error('this Debian does not run');
    return running;
  };
  const attempt: Debian['attempt'] = async (command, input) => await container().execute(command, input);
  const journal: Debian['journal'] = async (...args) => {
    const asked = args.length === 0 ? ['--lines=150'] : args;
    const all = ['journalctl', '--no-pager', '--no-hostname', '--output=short-precise', ...asked];
    // What a unit has said is read when the journal gets round to it: not always before the unit has ended.
    return (await attempt(`journalctl --sync; ${all.map((arg) => `'${arg}'`).join(' ')}`)).stdout;
  };
  const sh: Debian['sh'] = async (command, input) => {
    const { code, stdout, stderr } = await attempt(command, input);
    if (code === 0) return stdout.replace(/\n$/, '');
    throw new Error(`${command}\nended with ${code}:\n${stderr}${stdout}\n${await journal('--lines=40')}`);
  };
  const powerCut = async (): Promise<void> => {
    await running?.kill();
    running = undefined;
  };
  return {
    get pid() {
      return container().pid;
    },
    attempt,
    sh,
    journal,
    path: (inside) => `/proc/${container().pid}/root${inside}`,
    async write(path, text, mode = 0o644) {
      const file = `'${path}'`;
      const permissions = mode.toString(8);
      await sh(
        `mkdir -p "$(dirname ${file})" && rm -f ${file} && umask 077 && cat > ${file} && chmod ${permissions} ${file}`,
        text,
      );
    },
    async until(command) {
      if (await poll(async () => (await attempt(command)).code === 0)) return;
      throw new Error(`not in ${patienceMs / 1000} s: ${command}\n${await journal()}`);
    },
    async boot() {
      running = await bootContainer(folder.path, layers);
      const { stdout } = await attempt('systemctl is-system-running --wait');
      if (stdout.trim() === 'running') return;
      throw new Error(`booted into ${stdout}${await sh('systemctl --failed')}\n${await journal()}`);
    },
    powerCut,
    async stop() {
      await powerCut();
      await folder.remove();
    },
  };
}
