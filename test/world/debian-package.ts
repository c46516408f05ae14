/**
 * Packages of Debian without root and without a change to the machine's own: from the mirror, and checked with the keys,
 * that the machine's own apt uses, unpacked into a folder of the caller's.
 */
import { lstat, mkdir, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { basename, dirname, isAbsolute, join, relative } from 'node:path';
import { run } from '../support/child-process.ts';
import { withTempFolder } from '../support/temp-folder.ts';
import { type DebianArchive, findDebianArchive, sourcesFor } from './debian-sources.ts';

export interface DebianPackages {
  /** All of these, without what they depend on: name what the machine may lack. */
  readonly packages: readonly string[];
  /** Tried in this order; else the release that the machine runs. */
  readonly suites?: readonly string[];
  /** Throws if a package (a `.deb` file) is not good enough. */
  readonly judge?: (deb: string) => Promise<void>;
  /** Throws unless what was unpacked works. */
  readonly prove: (folder: string) => Promise<void>;
}

/** Unpacks the packages into `folder`; the error has the reason of each suite. */
export async function unpackDebian(folder: string, wanted: DebianPackages): Promise<void> {
  const archive = await debianArchive();
  const reasons: string[] = [];
  for (const suite of wanted.suites ?? [await ownSuite()]) {
    try {
      await unpackFrom(archive, suite, folder, wanted);
      return;
    } catch (error) {
      reasons.push(`${suite}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new Error(reasons.join('; '));
}

/** Where this machine gets Debian's packages from. */
export async function debianArchive(): Promise<DebianArchive> {
  const archive = findDebianArchive(await readSources());
  if (archive === undefined) throw new Error("no Debian archive in this machine's apt sources");
  return archive;
}

async function unpackFrom(
  archive: DebianArchive,
  suite: string,
  folder: string,
  { packages, judge, prove }: DebianPackages,
): Promise<void> {
  await withTempFolder(async (scratch) => {
    const apt = await privateApt(scratch, sourcesFor(archive, suite));
    await apt('update');
    await apt('download', ...packages);
    const debs = (await readdir(scratch)).filter((name) => name.endsWith('.deb'));
    if (debs.length < packages.length) throw new Error(`apt-get download left only ${debs.join(', ')}`);
    for (const deb of debs) await judge?.(join(scratch, deb));
    for (const deb of debs) await run('dpkg-deb', ['-x', join(scratch, deb), folder]);
    await keepLinksInside(folder);
    await prove(folder);
  }, 'apt');
}

/** A package links to `/etc/…` of the machine that it is installed on; here what it means came with it. */
async function keepLinksInside(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) continue;
    const link = join(entry.parentPath, entry.name);
    const target = await readlink(link);
    const inside = join(folder, target);
    if (!isAbsolute(target) || !(await isThere(inside))) continue;
    await rm(link);
    await symlink(relative(dirname(link), inside), link);
  }
}

async function isThere(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    () => false,
  );
}

/** `bookworm` and its like (os-release(5)). */
async function ownSuite(): Promise<string> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const name = /^VERSION_CODENAME=["']?([a-z]+)/m.exec(text)?.[1];
  if (name === undefined) throw new Error('/etc/os-release does not name the release of this machine');
  return name;
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
