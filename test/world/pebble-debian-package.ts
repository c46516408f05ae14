/**
 * Pebble from a newer Debian than the machine's: from the mirror, and checked with the keys, that the machine's own apt
 * uses, into folders of our own. Needs no root and changes nothing of the machine's packages.
 */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { basename, join } from 'node:path';
import { run } from '../support/child-process.ts';
import { withTempFolder } from '../support/temp-folder.ts';
import { type DebianArchive, findDebianArchive, sourcesFor } from './pebble-debian-sources.ts';

/** The first Pebble with everything that the tests need: ARI, profiles, `alreadyReplaced`, TXT over TCP. */
export const neededVersion = '2.10';

/** Oldest first: the release that has it, then the suite that always has the newest. */
const suites = ['forky', 'sid'];

/** Unpacks Debian's package of Pebble into `folder`; returns nothing unless the program in it runs. */
export async function unpackPebble(folder: string): Promise<void> {
  const archive = findDebianArchive(await readSources());
  if (archive === undefined) throw new Error("no Debian archive in this machine's apt sources");
  const reasons: string[] = [];
  for (const suite of suites) {
    try {
      await unpackFrom(archive, suite, folder);
      return;
    } catch (error) {
      reasons.push(`${suite}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(reasons.join('; '));
}

async function unpackFrom(archive: DebianArchive, suite: string, folder: string): Promise<void> {
  await withTempFolder(async (scratch) => {
    const apt = await privateApt(scratch, sourcesFor(archive, suite));
    await apt('update');
    await apt('download', 'pebble');
    const deb = (await readdir(scratch)).find((name) => name.endsWith('.deb'));
    if (deb === undefined) throw new Error('apt-get download left no package');
    const version = (await run('dpkg-deb', ['-f', join(scratch, deb), 'Version'])).trim();
    await run('dpkg', ['--compare-versions', version, 'ge', neededVersion]).catch((cause: unknown) => {
      throw new Error(`has Pebble ${version}, not ${neededVersion} or newer`, { cause });
    });
    await run('dpkg-deb', ['-x', join(scratch, deb), folder]);
    await run(pebbleIn(folder), ['-version']);
  }, 'apt');
}

/** The program in a folder that `unpackPebble` has filled. */
export function pebbleIn(folder: string): string {
  return join(folder, 'usr/bin/pebble');
}

/** Calls apt-get with every folder it writes to inside `scratch`, and these sources alone. */
async function privateApt(
  scratch: string,
  sources: string,
): Promise<(...command: readonly string[]) => Promise<string>> {
  const folders = ['sources', 'preferences', 'state/lists/partial', 'cache/archives/partial'];
  for (const folder of folders) await mkdir(join(scratch, folder), { recursive: true });
  await writeFile(join(scratch, 'status'), '');
  await writeFile(join(scratch, 'sources/debian.sources'), sources);
  const settings = {
    'Dir::Etc::SourceList': '/dev/null',
    'Dir::Etc::SourceParts': join(scratch, 'sources'),
    'Dir::Etc::Preferences': '/dev/null',
    'Dir::Etc::PreferencesParts': join(scratch, 'preferences'),
    'Dir::State': join(scratch, 'state'),
    'Dir::State::status': join(scratch, 'status'),
    'Dir::Cache': join(scratch, 'cache'),
    'Acquire::Languages': 'none',
    'Acquire::Retries': '2',
    'Acquire::http::Timeout': '30',
    'APT::Sandbox::User': userInfo().username,
    'APT::Update::Error-Mode': 'any',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  return async (...command) => await run('apt-get', ['-q', ...options, ...command], { cwd: scratch });
}

/** Every file of sources that apt reads, wherever apt is configured to look. */
async function readSources(): Promise<{ name: string; text: string }[]> {
  const shell = await run('apt-config', [
    'shell',
    'LIST',
    'Dir::Etc::sourcelist/f',
    'PARTS',
    'Dir::Etc::sourceparts/d',
  ]);
  const list = /^LIST='(.*)'$/m.exec(shell)?.[1] ?? '';
  const parts = /^PARTS='(.*)'$/m.exec(shell)?.[1] ?? '';
  const inParts = (await readdir(parts).catch(() => []))
    .filter((name) => /\.(list|sources)$/.test(name))
    .sort()
    .map((name) => join(parts, name));
  const texts = await Promise.all(
    [list, ...inParts].map(async (path) => ({
      name: basename(path),
      text: await readFile(path, 'utf8').catch(() => ''),
    })),
  );
  return texts.filter(({ text }) => text !== '');
}
