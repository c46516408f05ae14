/**
 * The images that docker/ builds on, without a registry: made of the tests' Debian 13, with Node and npm as the public
 * image of Node has them. `NODE_IMAGE`, `NGINX_IMAGE` and `PEBBLE_IMAGE` name others.
 */
import { copyFile, cp, mkdir, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { debianTree } from '../booted/debian-tree.ts';
import { cached } from '../support/cache.ts';
import { run } from '../support/child-process.ts';
import { withTempFolder } from '../support/temp-folder.ts';
import { nodeBinary } from '../world/node-versions.ts';
import { unpackFromNpm } from '../world/npm-package.ts';
import { pebbleIn, neededVersion as pebbleVersion, unpackPebble } from '../world/pebble-debian-package.ts';
import type { Engine } from './engine.ts';

/** The variables of docker/compose.yaml that name images. */
export interface BaseImages {
  readonly NODE_IMAGE: string;
  readonly NGINX_IMAGE: string;
  readonly PEBBLE_IMAGE: string;
}

const nodeVersion = '24.21.0';
const npmVersion = '11.6.0';

export async function baseImages(engine: Engine): Promise<BaseImages> {
  const { NODE_IMAGE = '', NGINX_IMAGE = '', PEBBLE_IMAGE = '' } = process.env;
  const ofDebian = NODE_IMAGE === '' || NGINX_IMAGE === '' ? await debianImage(engine) : '';
  return {
    NODE_IMAGE: NODE_IMAGE === '' ? ofDebian : NODE_IMAGE,
    NGINX_IMAGE: NGINX_IMAGE === '' ? ofDebian : NGINX_IMAGE,
    PEBBLE_IMAGE: PEBBLE_IMAGE === '' ? await pebbleImage(engine) : PEBBLE_IMAGE,
  };
}

/** One for both: nginx as Debian has it, Node and npm in `/usr/local`. */
async function debianImage(engine: Engine): Promise<string> {
  const tree = (await debianTree()).at(-1) ?? '';
  const debian = await made(engine, `lanacme-test/${basename(join(tree, '..'))}`, async (name) => {
    await importTree(engine, name, tree);
  });
  return await made(engine, `${debian}:node-${nodeVersion}`, async (name) => {
    await buildOn(engine, name, debian, async (added) => {
      await addNode(added);
      await addWayToRegistry(added);
    });
  });
}

async function addNode(tree: string): Promise<void> {
  const npm = await cached(`npm-${npmVersion}`, async (folder) => {
    await unpackFromNpm(`npm@${npmVersion}`, folder);
  });
  const [bin, modules] = [join(tree, 'usr/local/bin'), join(tree, 'usr/local/lib/node_modules')];
  for (const folder of [bin, modules]) await mkdir(folder, { recursive: true });
  await copyFile(await nodeBinary(nodeVersion), join(bin, 'node'));
  await cp(npm, join(modules, 'npm'), { recursive: true });
  await symlink('../lib/node_modules/npm/bin/npm-cli.js', join(bin, 'npm'));
}

/** The registry, and whom to trust for it, as on this machine. */
async function addWayToRegistry(tree: string): Promise<void> {
  const roots = '/etc/ssl/certs/ca-certificates.crt';
  for (const folder of ['etc/ssl/certs', 'usr/local/etc'])
    await mkdir(join(tree, folder), { recursive: true });
  await copyFile(roots, join(tree, roots));
  const registry = (await run('npm', ['config', 'get', 'registry'])).trim();
  await writeFile(join(tree, 'usr/local/etc/npmrc'), `registry=${registry}\ncafile=${roots}\n`);
}

/** Debian's Pebble with nothing but the libraries that it loads: like the public one, without a shell. */
async function pebbleImage(engine: Engine): Promise<string> {
  return await made(engine, `lanacme-test/pebble:${pebbleVersion}`, async (name) => {
    const pebble = pebbleIn(await cached(`pebble-${pebbleVersion}-${process.arch}`, unpackPebble));
    const libraries = (await run('ldd', [pebble])).matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm);
    const add = async (added: string): Promise<void> => {
      for (const [, path = ''] of libraries) await cp(path, join(added, path), { dereference: true });
      await copyFile(pebble, join(added, 'app'));
    };
    await buildOn(engine, name, 'scratch', add, 'ENTRYPOINT ["/app"]');
  });
}

async function importTree({ env }: Engine, name: string, tree: string): Promise<void> {
  const pipe = 'tar -c --numeric-owner -C "$1" . | docker import - "$2"';
  await run('bash', ['-o', 'pipefail', '-c', pipe, 'bash', tree, name], {
    env: { ...process.env, ...env },
    timeoutMs: 600_000,
  });
}

/** An image with so many files more than the one that it is built on. */
async function buildOn(
  engine: Engine,
  name: string,
  base: string,
  add: (tree: string) => Promise<void>,
  ...instructions: readonly string[]
): Promise<void> {
  await withTempFolder(async (context) => {
    await mkdir(join(context, 'added'));
    await add(join(context, 'added'));
    const lines = [`FROM ${base}`, 'COPY added /', ...instructions];
    await writeFile(join(context, 'Dockerfile'), lines.join('\n'));
    await engine.docker('build', '--quiet', '--tag', name, context);
  }, 'image');
}

/** The name of an image, which is made if the engine does not have it. */
async function made(engine: Engine, name: string, make: (name: string) => Promise<void>): Promise<string> {
  const isThere = await engine.docker('image', 'inspect', name).then(
    () => true,
    () => false,
  );
  if (!isThere) await make(name);
  return name;
}
