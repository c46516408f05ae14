/** The pages for administrators as the package has them: side by side, with links to what a host with the package has. */
import { readdir, readFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { top } from './run.ts';

/** File name and text of each page. README.md is among them: the others begin where it ends. */
export async function guidePages(): Promise<ReadonlyMap<string, string>> {
  const docs = (await readdir(join(top, 'docs'))).filter((name) => name.endsWith('.md'));
  const paths = ['README.md', ...docs.map((name) => `docs/${name}`)];
  const pages = paths.map(
    async (path) => [posix.basename(path), relinked(path, await readFile(join(top, path), 'utf8'))] as const,
  );
  return new Map(await Promise.all(pages));
}

/** A link to what the package does not have becomes its text. */
function relinked(page: string, text: string): string {
  return text.replaceAll(
    /\[([^\]]*)\]\(([^()#:\s]+)(#[^()\s]*)?\)/g,
    (_, words: string, target: string, anchor = '') => {
      const installed = placeInPackage(posix.join(posix.dirname(page), target));
      return installed === undefined ? words : `[${words}](${installed}${anchor})`;
    },
  );
}

/** From the folder of the pages; nothing if the package does not have it. */
function placeInPackage(path: string): string | undefined {
  const [folder, name] = [posix.dirname(path), posix.basename(path)];
  if (folder === 'docs' || path === 'README.md') return name.endsWith('.md') ? name : `examples/${name}`;
  if (path === 'systemd') return units;
  if (folder === 'systemd') return name === exampleUnit ? `examples/${name}` : `${units}/${name}`;
  return others[path];
}

/** It does nothing until an administrator has put in what reaches them. */
export const exampleUnit = 'lanacme-failure@.service';
const units = '/usr/lib/systemd/system';
const others: Readonly<Record<string, string>> = {
  '.env.example': 'examples/lanacme.env',
  'CHANGELOG.md': 'changelog.gz',
  LICENSE: 'copyright',
};
