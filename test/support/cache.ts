/** What tests fetch once and keep between runs: a real CA, other versions of Node. */
import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** `$XDG_CACHE_HOME/lanacme-tests`, or the one below `~/.cache`. */
export function cacheFolder(env: Environment = process.env): string {
  const configured = env['XDG_CACHE_HOME'] ?? '';
  return join(isAbsolute(configured) ? configured : join(homedir(), '.cache'), 'lanacme-tests');
}

/**
 * The folder kept under `key`. If there is none, `fill` fills a new folder beside it, which is then renamed: the folder
 * appears complete or not at all. Of several processes that fill at once one wins and the others use what it made.
 */
export async function cached(
  key: string,
  fill: (folder: string) => Promise<void>,
  env: Environment = process.env,
): Promise<string> {
  const kept = join(cacheFolder(env), key);
  if (await isFolder(kept)) return kept;
  await mkdir(cacheFolder(env), { recursive: true });
  const filling = await mkdtemp(join(cacheFolder(env), `.filling-${key}-`));
  try {
    await fill(filling);
    await rename(filling, kept).catch(async (error: unknown) => {
      if (!(await isFolder(kept))) throw error;
    });
    return kept;
  } finally {
    await rm(filling, { recursive: true, force: true });
  }
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
