/** docker/compose.yaml, up: as a person has it after one command, whichever Compose they have. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cached } from '../support/cache.ts';
import { run } from '../support/child-process.ts';
import { patienceMs, poll } from '../support/poll.ts';
import { unpackDebian } from '../world/debian-package.ts';
import type { BaseImages } from './base-images.ts';
import type { Engine } from './engine.ts';

export type Service = 'lanacme' | 'nginx' | 'pebble' | 'world';

export interface Project {
  /** From nothing: these services, or all. Waits for what they depend on. */
  up(...services: readonly Service[]): Promise<void>;
  /** The command line of Compose, after what names the project. */
  compose(...args: readonly string[]): Promise<string>;
  /** The id of a service's container. */
  container(service: Service): Promise<string>;
  /** Runs a program in there; returns what it printed, without the last line end. */
  execute(service: Service, ...command: readonly string[]): Promise<string>;
  /** From `docker inspect`, by a template. */
  inspect(service: Service, template: string): Promise<string>;
  /** What a service has printed. */
  log(service: Service): Promise<string>;
  /** With its volumes. */
  down(): Promise<void>;
}

/** Compose 2, as Debian 13 packages it, and the last of Compose 1, if that is what this machine has. */
export const composeCommands = {
  'Compose 2': async () => join(await cached(`compose-${process.arch}`, unpackCompose), compose2),
  'docker-compose 1.29': async () => compose1,
} as const;
export type ComposeName = keyof typeof composeCommands;

const compose1 = '/usr/bin/docker-compose';
const compose2 = 'usr/libexec/docker/cli-plugins/docker-compose';
/** Of this repository. */
export const composeFile = fileURLToPath(new URL('../../docker/compose.yaml', import.meta.url));
const name = 'lanacme-test';

async function unpackCompose(folder: string): Promise<void> {
  await unpackDebian(folder, {
    packages: ['docker-compose'],
    suites: ['trixie'],
    prove: async () => {
      await run(join(folder, compose2), ['version']);
    },
  });
}

/** Debian 13 has none of version 1. */
export async function isThere(compose: ComposeName): Promise<boolean> {
  if (compose === 'Compose 2') return true;
  const isInstalled = await access(compose1).then(
    () => true,
    () => false,
  );
  return isInstalled && (await run(compose1, ['version', '--short'])).startsWith('1.');
}

/**
 * @param settings variables of the files.
 * @param files docker/compose.yaml by default; several are one project.
 */
export async function composeProject(
  compose: ComposeName,
  engine: Engine,
  settings: BaseImages & { readonly HTTPS_PORT?: string; readonly RENEW_INTERVAL?: string },
  files: readonly string[] = [composeFile],
): Promise<Project> {
  const program = await composeCommands[compose]();
  const env = { ...process.env, ...engine.env, ...settings };
  const project: Project = {
    async up(...services) {
      await project.down();
      await project.compose('up', '--detach', '--build', ...services);
    },
    compose: async (...args) =>
      await run(program, [...files.flatMap((each) => ['--file', each]), '--project-name', name, ...args], {
        env,
        timeoutMs: 900_000,
      }),
    async container(service) {
      const labels = { project: name, service, oneoff: 'False' };
      const filters = Object.entries(labels).flatMap(([label, value]) => [
        '--filter',
        `label=com.docker.compose.${label}=${value}`,
      ]);
      return await engine.docker('ps', '--all', '--quiet', ...filters);
    },
    execute: async (service, ...command) =>
      await engine.docker('exec', await project.container(service), ...command),
    inspect: async (service, template) =>
      await engine.docker('inspect', '--format', template, await project.container(service)),
    log: async (service) => await project.compose('logs', '--no-color', service),
    async down() {
      await project.compose('down', '--volumes', '--remove-orphans', '--timeout', '5');
    },
  };
  return project;
}

/** Asks until the answer is true; throws with what `about` tells if that takes two minutes. */
export async function eventually(isSo: () => Promise<boolean>, about: () => Promise<string>): Promise<void> {
  if (!(await poll(isSo))) throw new Error(`not in ${patienceMs / 1000} s:\n${await about()}`);
}
