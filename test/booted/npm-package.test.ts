/** The npm package: the bundle and nothing else, installed where there is no network. */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { run } from '../support/child-process.ts';
import { makeTempFolder, type TempFolder } from '../support/temp-folder.ts';

const top = fileURLToPath(new URL('../..', import.meta.url));

let folder: TempFolder;
let archive: string;
const prefix = (path: string): string => join(folder.path, 'prefix', path);
/** An npm that has never asked anybody for anything, as somebody with an empty home. */
const npm = async (args: readonly string[], cwd = folder.path): Promise<string> =>
  await run('unshare', ['--net', 'npm', ...args], {
    cwd,
    env: { PATH: process.env['PATH'], HOME: folder.path, npm_config_cache: join(folder.path, 'cache') },
  });

beforeAll(async () => {
  folder = await makeTempFolder('npm');
  const packed = await npm(
    ['pack', '--ignore-scripts=false', '--silent', '--pack-destination', folder.path],
    top,
  );
  archive = join(folder.path, packed.trim().split('\n').at(-1) ?? '');
});
afterAll(async () => {
  await folder.remove();
});

test('holds the bundle, and what npm always takes', async () => {
  const files = (await run('tar', ['-tzf', archive])).trimEnd().split('\n');
  const besides = files.filter((path) => !path.startsWith('package/dist/'));
  expect(besides.toSorted()).toEqual(['package/LICENSE', 'package/README.md', 'package/package.json']);
  for (const file of ['lanacme.js', 'LICENSES.txt']) expect(files).toContain(`package/dist/${file}`);
  const { size } = await stat(archive);
  process.stdout.write(
    `${packageJson.name}-${packageJson.version}.tgz: ${Math.ceil(size / 1000)} kB, ${files.length} files\n`,
  );
});

test('runs nothing when it is installed, and depends on nothing', async () => {
  const packed = await run('tar', ['-xzOf', archive, 'package/package.json']);
  const { scripts = {}, ...others } = JSON.parse(packed) as { scripts?: Record<string, string> };
  const ofInstallation = /^(pre|post)?(install|uninstall|prepare)$/;
  expect(Object.keys(scripts).filter((name) => ofInstallation.test(name))).toEqual([]);
  for (const kind of ['dependencies', 'optionalDependencies', 'peerDependencies', 'bundleDependencies'])
    expect(others).not.toHaveProperty(kind);
});

test('installs without a network and with an empty cache, and runs', async () => {
  await npm(['install', '--global', '--offline', '--prefix', prefix(''), archive]);
  const lanacme = async (...args: readonly string[]): Promise<string> =>
    await run(prefix('bin/lanacme'), args, {
      cwd: '/',
      env: { PATH: process.env['PATH'], HOME: folder.path },
    });
  expect(await lanacme('--version')).toBe(`${packageJson.version}\n`);
  expect(await lanacme('issue', '--help')).toContain('--iot-role-alias');
  expect(await lanacme('status', '--state-dir', prefix('state'), '--json')).toContain('"certificates"');
  const installed = JSON.parse(
    await readFile(prefix('lib/node_modules/lanacme/package.json'), 'utf8'),
  ) as unknown;
  expect(installed).toMatchObject({ version: packageJson.version, bin: { lanacme: 'dist/lanacme.js' } });
});

test('goes without a trace', async () => {
  await npm(['uninstall', '--global', '--prefix', prefix(''), 'lanacme']);
  const left = await run('find', [prefix(''), '-name', '*lanacme*']);
  expect(left).toBe('');
});
