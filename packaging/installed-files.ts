/** What the package puts where. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bashCompletion } from './bash-completion.ts';
import type { BuiltProgram } from './build-program.ts';
import { debianChangelog } from './changelog.ts';
import { completedCommands } from './completed-commands.ts';
import { apacheOfDebian, copyrightText } from './copyright.ts';
import { envFile } from './env-file.ts';
import { type Entry, type FileTree, file, folder } from './file-tree.ts';
import { exampleUnit, guidePages } from './guide-pages.ts';
import { gzip } from './gzip.ts';
import { manPages } from './man-page.ts';
import { top } from './run.ts';
import { zshCompletion } from './zsh-completion.ts';

const doc = 'usr/share/doc/lanacme';

/** Every file of the package, in the order of their paths. */
export async function installedFiles(version: string, date: Date, program: BuiltProgram): Promise<FileTree> {
  const entries: (readonly [string, Entry])[] = [
    ...programEntries(program),
    ...(await unitEntries()),
    ...(await manualEntries(version, date)),
    ...completionEntries(),
    ...(await guideEntries()),
    ['etc/lanacme', folder(0o750)],
    ['etc/lanacme/lanacme.env', file(await envFile(), 0o640)],
    ['usr/share/lintian/overrides/lanacme', file(await source('packaging/debian/lintian-overrides'))],
    [`${doc}/copyright`, file(await copyrightText(program.libraries, apacheOfDebian))],
    [`${doc}/changelog.gz`, file(await gzip(await source('CHANGELOG.md')))],
    [`${doc}/changelog.Debian.gz`, file(await gzip(debianChangelog(version, date)))],
    [`${doc}/examples/lanacme.env`, file(await source('.env.example'))],
    [`${doc}/examples/alerts.yml`, file(await source('docs/alerts.yml'))],
    [`${doc}/examples/nginx.conf`, file(await source('packaging/examples/nginx.conf'))],
    [`${doc}/examples/${exampleUnit}`, file(await source(`systemd/${exampleUnit}`))],
  ];
  return new Map(entries.toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

function programEntries({ files }: BuiltProgram): (readonly [string, Entry])[] {
  const entries = Array.from(files, ([path, content]) => {
    const isProgram = path === 'lanacme.js';
    const entry = isProgram ? file(ofDebiansNode(content), 0o755) : file(content);
    return [`usr/lib/lanacme/${path}`, entry] as const;
  });
  return [...entries, ['usr/bin/lanacme', { kind: 'link', target: '../lib/lanacme/lanacme.js' }]];
}

/** The Node that the package depends on, whatever else stands in somebody's PATH. */
function ofDebiansNode(launcher: Uint8Array): string {
  const text = Buffer.from(launcher).toString('utf8');
  const own = text.replace(/^#!\/usr\/bin\/env node\n/, '#!/usr/bin/node\n');
  if (own === text) throw new Error('lanacme.js does not begin with the line that is to be replaced');
  return own;
}

async function unitEntries(): Promise<(readonly [string, Entry])[]> {
  const units = (await readdir(join(top, 'systemd'))).filter((name) =>
    /\.(service|socket|timer)$/.test(name),
  );
  const paths = [
    ...units
      .filter((name) => name !== exampleUnit)
      .map((name) => [name, `usr/lib/systemd/system/${name}`] as const),
    ...['sysusers.d', 'tmpfiles.d'].map(
      (kind) => [`${kind}/lanacme.conf`, `usr/lib/${kind}/lanacme.conf`] as const,
    ),
  ];
  const read = paths.map(async ([from, to]) => [to, file(await source(`systemd/${from}`))] as const);
  return await Promise.all(read);
}

async function guideEntries(): Promise<(readonly [string, Entry])[]> {
  return Array.from(await guidePages(), ([name, text]) => [`${doc}/${name}`, file(text)] as const);
}

async function manualEntries(version: string, date: Date): Promise<(readonly [string, Entry])[]> {
  const pages = manPages(version, date).map(
    async ({ name, text }) => [`usr/share/man/man1/${name}.1.gz`, file(await gzip(text))] as const,
  );
  return await Promise.all(pages);
}

function completionEntries(): (readonly [string, Entry])[] {
  const commands = completedCommands();
  return [
    ['usr/share/bash-completion/completions/lanacme', file(bashCompletion(commands))],
    ['usr/share/zsh/vendor-completions/_lanacme', file(zshCompletion(commands))],
  ];
}

async function source(path: string): Promise<Uint8Array> {
  return await readFile(join(top, path));
}
