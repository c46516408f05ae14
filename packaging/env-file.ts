import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { top } from './run.ts';

/** The env file of the package: where its state folder is, then the lines to fill in, as any installation has them. */
export async function envFile(): Promise<string> {
  const parts = ['packaging/debian/lanacme.env', 'systemd/lanacme.env'];
  return (await Promise.all(parts.map(async (path) => await readFile(join(top, path), 'utf8')))).join('');
}
