/** The files of `lanacme systemd install`, made from those in `systemd/`, which the Debian package installs as they are. */
import { join } from 'node:path';
import { marked } from './systemd-marker.ts';

/** What `systemd/` holds, by path in there. */
export type UnitTemplates = Readonly<Record<TemplateName, string>>;
export type TemplateName = (typeof templateNames)[number];

export const templateNames = [
  'lanacme-renew.service',
  'lanacme-renew.timer',
  'lanacme-issue@.service',
  'lanacme-deploy.service',
  'lanacme-credentials.service',
  'lanacme-credentials.timer',
  'lanacme-credentials.socket',
  'lanacme-credentials-serve.service',
  'sysusers.d/lanacme.conf',
  'tmpfiles.d/lanacme.conf',
  'lanacme.env',
  'user/lanacme-renew.service',
  'user/lanacme-renew.timer',
  'user/lanacme-issue@.service',
  'user/lanacme-credentials.service',
  'user/lanacme-credentials.timer',
  'user/lanacme-credentials.socket',
  'user/lanacme-credentials-serve.service',
] as const;

/** What runs: the absolute paths of Node and of `lanacme.js`. */
export interface InstalledProgram {
  readonly node: string;
  readonly script: string;
}

export interface SystemdFile {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
  /** For the administrator to fill in: neither replaced nor removed. */
  readonly isTheirs?: true;
}

const systemUnitFolder = '/etc/systemd/system';
export const systemEnvFile = '/etc/lanacme/lanacme.env';

/** What lets other programs have AWS credentials; what starts them stands in `starters`. */
const credentialsServices = ['lanacme-credentials-serve.service', 'lanacme-credentials.service'] as const;
/** After everything that they start. */
const starters = ['lanacme-credentials.socket', 'lanacme-credentials.timer', 'lanacme-renew.timer'] as const;

/** In the order in which they are needed: the user, the folders, what they read, the units. */
export function systemFiles(templates: UnitTemplates, program: InstalledProgram): readonly SystemdFile[] {
  const conf = (kind: 'sysusers.d' | 'tmpfiles.d'): SystemdFile =>
    ours(`/etc/${kind}/lanacme.conf`, templates[`${kind}/lanacme.conf`]);
  const units = [
    'lanacme-deploy.service',
    ...credentialsServices,
    'lanacme-renew.service',
    'lanacme-issue@.service',
    ...starters,
  ] as const;
  return [
    conf('sysusers.d'),
    conf('tmpfiles.d'),
    { path: systemEnvFile, text: templates['lanacme.env'], mode: 0o640, isTheirs: true },
    ...units.map((name) => ours(join(systemUnitFolder, name), rendered(templates[name], program))),
  ];
}

/** @param configHome `$XDG_CONFIG_HOME`, or what stands for it. */
export function userFiles(
  templates: UnitTemplates,
  program: InstalledProgram,
  configHome: string,
): readonly SystemdFile[] {
  const units = [
    ...credentialsServices,
    'lanacme-renew.service',
    'lanacme-issue@.service',
    ...starters,
  ] as const;
  const folder = join(configHome, 'systemd/user');
  return [
    {
      path: join(configHome, 'lanacme/lanacme.env'),
      text: templates['lanacme.env'],
      mode: 0o600,
      isTheirs: true,
    },
    ...units.map((name) => ours(join(folder, name), rendered(templates[`user/${name}`], program))),
  ];
}

function ours(path: string, text: string): SystemdFile {
  return { path, text: marked(text), mode: 0o644 };
}

/** With npm come no manual pages, and the program stands elsewhere, also for whoever copies a line of a comment. */
function rendered(template: string, { node, script }: InstalledProgram): string {
  return template
    .replaceAll(/^Documentation=man:.*\n/gm, '')
    .replaceAll(/(?<=ExecStart=)\/usr\/bin\/lanacme /g, () => `${word(node)} ${word(script)} `);
}

/** A word of a command line of systemd (systemd.service(5)). */
function word(path: string): string {
  return path.includes(' ') ? `"${path}"` : path;
}

/** Whether a path can stand there: nothing that systemd would expand, take for a quote, or for the end of the line. */
export function canStandInUnit(path: string): boolean {
  return /^\/[A-Za-z0-9/._+@,:=~ -]+$/.test(path);
}

/** What the units of the system do not see (`ProtectHome=`, `PrivateTmp=`). */
const hidden = ['/home/', '/root/', '/run/user/', '/tmp/', '/var/tmp/'];

export function isHiddenFromUnits(path: string): boolean {
  return hidden.some((folder) => path.startsWith(folder));
}
