/** An `/etc` and a `/var/lib` of a test's own, as root sees them: this machine's stay as they are. */
import { chmod, cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LanacmeOptions } from './run-lanacme.ts';

const mountThem = 'mount --bind "$0/etc" /etc && mount --bind "$0/lib" /var/lib && exec "$@"';

export class OwnEtc {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** In a folder that is there; it may be of any user. */
  static async make(folder: string): Promise<OwnEtc> {
    await chmod(folder, 0o711);
    await cp('/etc', join(folder, 'etc'), { recursive: true, verbatimSymlinks: true, filter: isNeeded });
    await mkdir(join(folder, 'lib'), { mode: 0o755 });
    for (const each of ['etc', 'lib']) await chmod(join(folder, each), 0o755);
    return new OwnEtc(folder);
  }

  /** A file below `/etc/lanacme`. */
  async write(name: string, content: string, mode: number): Promise<string> {
    const path = join(this.folder, 'etc/lanacme', name);
    await mkdir(dirname(path), { recursive: true, mode: 0o755 });
    for (const each of ['etc/lanacme', 'etc/lanacme/deploy.d'])
      await chmod(join(this.folder, each), 0o755).catch(() => undefined);
    await writeFile(path, content);
    await chmod(path, mode);
    return join('/etc/lanacme', name);
  }

  /** Where `/var/lib/lanacme-deploy` is for the test. */
  get queue(): string {
    return join(this.folder, 'lib/lanacme-deploy');
  }

  /** For `runLanacme`. */
  get options(): Pick<LanacmeOptions, 'node' | 'nodeArgs'> {
    return {
      node: 'unshare',
      nodeArgs: ['--mount', '--propagation', 'private', 'sh', '-c', mountThem, this.folder, process.execPath],
    };
  }
}

/** What programs look users and names up in. */
const needed =
  /^\/etc(\/(passwd|group|nsswitch\.conf|hosts|ld\.so\.cache|ld\.so\.conf(\.d\/.*)?|ld\.so\.conf\.d|localtime))?$/;

function isNeeded(path: string): boolean {
  return needed.test(path);
}
