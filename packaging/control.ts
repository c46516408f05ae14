/** What dpkg is told of the package. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type FileTree, file } from './file-tree.ts';
import { installedKilobytes } from './installed-size.ts';

/** A reserved name, in which nobody gets mail (RFC 2606). */
export const maintainer = 'lanacme maintainers <maintainers@lanacme.example>';

const description = `ACME DNS-01 client for private networks: AWS IoT identity, Route 53
 Gets and renews TLS certificates for machines that the internet cannot reach.
 Names are proved in a Route 53 zone, with credentials that a certificate of
 the host is traded for (AWS IoT's, or a private CA's by IAM Roles Anywhere)
 and that stay in memory, unless you want them for other programs.
 .
 It writes nothing but challenge records, removes what it wrote, also after a
 power cut, and renews what the CA suggests to renew: every hour, as a system
 user of its own, while root runs the deploy hooks and nothing else.`;

/** The files of `DEBIAN/`, by name. */
export async function controlFiles(tree: FileTree, version: string): Promise<FileTree> {
  const scripts = ['postinst', 'prerm', 'postrm'].map(
    async (name) => [name, file(await readFile(new URL(`debian/${name}`, import.meta.url)), 0o755)] as const,
  );
  return new Map([
    ['control', file(controlText(tree, version))],
    [
      'conffiles',
      file(
        conffiles(tree)
          .map((path) => `/${path}\n`)
          .join(''),
      ),
    ],
    ['md5sums', file(md5sums(tree))],
    ...(await Promise.all(scripts)),
  ]);
}

function controlText(tree: FileTree, version: string): string {
  const depends = [
    'nodejs (>= 20.19)',
    'ca-certificates',
    // flock(1).
    'util-linux (>= 2.36)',
    'systemd | systemd-standalone-sysusers | systemd-sysusers',
    'systemd | systemd-standalone-tmpfiles | systemd-tmpfiles',
  ];
  return [
    'Package: lanacme',
    `Version: ${version}`,
    'Architecture: all',
    `Maintainer: ${maintainer}`,
    `Installed-Size: ${installedKilobytes(tree)}`,
    `Depends: ${depends.join(', ')}`,
    'Section: net',
    'Priority: optional',
    `Description: ${description}`,
    '',
  ].join('\n');
}

function conffiles(tree: FileTree): string[] {
  return [...tree]
    .filter(([path, { kind }]) => kind === 'file' && path.startsWith('etc/'))
    .map(([path]) => path);
}

/** Of what is not the administrator's to change; `dpkg --verify` reads them. */
function md5sums(tree: FileTree): string {
  const lines = [...tree].flatMap(([path, entry]) => {
    if (entry.kind !== 'file' || path.startsWith('etc/')) return [];
    return `${createHash('md5').update(entry.content).digest('hex')}  ${path}\n`;
  });
  return lines.join('');
}
