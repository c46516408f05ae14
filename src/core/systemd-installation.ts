/** The steps of `lanacme systemd install` and `uninstall`, for the system or for one user. */
import { basename, join } from 'node:path';
import { type SystemdFile, systemEnvFile } from './systemd-files.ts';
import { type SystemFacts, unitStateDir } from './systemd-notes.ts';

/** Files, and the commands that make them count. */
export interface Stage {
  readonly files: readonly SystemdFile[];
  readonly commands: readonly Command[];
  /** Only if a file of them was written. */
  readonly isForNew?: true;
}

/** A program and its arguments. */
export type Command = readonly [program: string, ...args: string[]];

export interface SystemdInstallation {
  readonly install: readonly Stage[];
  /** Before `uninstall` removes the files, for those that it will remove. */
  readonly stop: (paths: readonly string[]) => readonly Command[];
  /** Once they are gone. */
  readonly forget: readonly Command[];
  /** What the person does next. */
  readonly next: readonly string[];
  /** What `uninstall` leaves, and what removes it. */
  readonly kept: readonly string[];
  /** What the person does after `uninstall`. */
  readonly afterwards: readonly string[];
}

/**
 * @param files as `systemFiles` makes them: each kind is of use only once the one before is known.
 * @param facts where no systemd runs, none is asked to run or end anything: links of `enable` can be changed all the same.
 */
export function systemInstallation(
  files: readonly SystemdFile[],
  { stateDir, isOffline, packagedUnit }: Pick<SystemFacts, 'stateDir' | 'isOffline' | 'packagedUnit'>,
): SystemdInstallation {
  const below = (folder: string): readonly SystemdFile[] =>
    files.filter(({ path }) => path.startsWith(folder));
  const systemctl = (...args: readonly string[]): Command => ['systemctl', ...args];
  const now = isOffline === true ? '' : '--now ';
  return {
    install: [
      {
        files: below('/etc/sysusers.d/'),
        commands: [['systemd-sysusers', '/etc/sysusers.d/lanacme.conf']],
      },
      {
        files: below('/etc/tmpfiles.d/'),
        commands: [['systemd-tmpfiles', '--create', '/etc/tmpfiles.d/lanacme.conf']],
      },
      { files: [], commands: stateDir?.uid === 0 ? takenFromRoot : [] },
      { files: below(systemEnvFile), commands: [['chgrp', 'lanacme', systemEnvFile]], isForNew: true },
      { files: below('/etc/systemd/'), commands: isOffline === true ? [] : reloading(systemctl) },
    ],
    ...(isOffline === true ? endingOffline(systemctl) : ending(systemctl, '/run')),
    next: [
      `fill in ${systemEnvFile}; user lanacme, who orders, has to be let read what it names`,
      `systemctl enable ${now}lanacme-renew.timer`,
      `systemctl enable ${now}lanacme-issue@nas.lan.example, for a first certificate of that name`,
      forOtherPrograms('systemctl'),
    ],
    kept: [
      'certificates and accounts: /var/lib/lanacme, /var/lib/lanacme-deploy',
      'token of the endpoint for credentials, if there is one: /etc/lanacme-credentials-token',
      'configuration and device key: /etc/lanacme',
      'user lanacme: userdel lanacme removes it',
    ],
    // What was enabled was disabled with our units; the package does not enable its own.
    afterwards:
      packagedUnit === undefined
        ? []
        : [
            `systemctl enable ${now}lanacme-renew.timer, which is the Debian package's from now on: nothing is renewed before that`,
            'npm uninstall --global lanacme: the lanacme of npm may still be the first in PATH',
          ],
  };
}

/**
 * What runs of root left, to user lanacme, and to nobody else than could read it: systemd, which would do the same at the
 * first start of a service, takes the keys away from their group.
 */
const takenFromRoot: readonly Command[] = [
  ['chown', '--recursive', '--no-dereference', '--from=root', 'lanacme', unitStateDir],
  ['chgrp', 'lanacme', unitStateDir],
];

/** Whoever reads that file, or the token of that endpoint, acts as this host at AWS: so it is said what they are for. */
function forOtherPrograms(systemctl: string): string {
  return `only if other programs here need AWS credentials: lanacme-credentials.timer keeps a file of them, lanacme-credentials.socket an endpoint; ${systemctl} cat tells how to enable either`;
}

/** @param home where `userFiles` are, and where their units keep what ends with the session. */
export function userInstallation(
  files: readonly SystemdFile[],
  { configHome, runtimeDir }: UserHome,
): SystemdInstallation {
  const isUnit = ({ path }: SystemdFile): boolean => path.startsWith(join(configHome, 'systemd/'));
  const systemctl = (...args: readonly string[]): Command => ['systemctl', '--user', ...args];
  const envFile = join(configHome, 'lanacme/lanacme.env');
  return {
    install: [
      { files: files.filter((file) => !isUnit(file)), commands: [] },
      { files: files.filter(isUnit), commands: reloading(systemctl) },
    ],
    ...ending(systemctl, runtimeDir),
    next: [
      `fill in ${envFile}; by hand, lanacme reads it with --config ${envFile}`,
      'loginctl enable-linger, so that it also runs while you are not logged in',
      'systemctl --user enable --now lanacme-renew.timer',
      'systemctl --user enable --now lanacme-issue@nas.lan.example, for a first certificate of that name',
      forOtherPrograms('systemctl --user'),
    ],
    kept: [
      'certificates and accounts: the state folder',
      `configuration, and the token of the endpoint for credentials: ${join(configHome, 'lanacme')}`,
    ],
    afterwards: [],
  };
}

/** Folders of a user (XDG Base Directory Specification). */
export interface UserHome {
  readonly configHome: string;
  /** `$XDG_RUNTIME_DIR`; unknown without a session. */
  readonly runtimeDir?: string;
}

/** The one that runs on and on may be of a program that npm has replaced since: it would miss parts that it loads late. */
function reloading(systemctl: (...args: readonly string[]) => Command): readonly Command[] {
  return [systemctl('daemon-reload'), systemctl('try-restart', 'lanacme-credentials-serve.service')];
}

/** @param runtimeDir where a folder of credentials stays when their service has ended (`RuntimeDirectoryPreserve=`) */
function ending(
  systemctl: (...args: readonly string[]) => Command,
  runtimeDir: string | undefined,
): Pick<SystemdInstallation, 'stop' | 'forget'> {
  const folder = runtimeDir === undefined ? undefined : join(runtimeDir, 'lanacme-credentials');
  const clearing = (unit: string): readonly Command[] =>
    unit === 'lanacme-credentials.service' && folder !== undefined
      ? [['rm', '--recursive', '--force', folder]]
      : [];
  return {
    // From the timers to deploy: whatever is stopped starts nothing that was stopped before.
    stop: (paths) =>
      paths
        .toReversed()
        .map((path) => basename(path))
        .flatMap((unit) => [...stopping(unit, systemctl), ...clearing(unit)]),
    forget: [systemctl('daemon-reload'), systemctl('reset-failed', 'lanacme-*')],
  };
}

function endingOffline(
  systemctl: (...args: readonly string[]) => Command,
): Pick<SystemdInstallation, 'stop' | 'forget'> {
  const units = (paths: readonly string[]): readonly string[] => paths.map((path) => basename(path));
  return {
    stop: (paths) =>
      units(paths)
        .filter(canBeEnabled)
        .map((unit) => systemctl('disable', unit)),
    forget: [],
  };
}

function canBeEnabled(unit: string): boolean {
  return isStarter(unit) || unit.endsWith('@.service');
}

/** What is enabled, and starts a service. */
function isStarter(unit: string): boolean {
  return unit.endsWith('.timer') || unit.endsWith('.socket');
}

function stopping(unit: string, systemctl: (...args: readonly string[]) => Command): readonly Command[] {
  if (isStarter(unit)) return [systemctl('disable', '--now', unit)];
  // A template is disabled with all its instances; a pattern stops those that are loaded.
  if (unit.endsWith('@.service')) {
    return [systemctl('disable', unit), systemctl('stop', unit.replace('@.', '@*.'))];
  }
  return unit.endsWith('.service') ? [systemctl('stop', unit)] : [];
}
