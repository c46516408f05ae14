/**
 * A Docker engine for tests: the one that answers on this machine, else Debian's dockerd, started for the tests with a
 * socket of its own and ended with them. Its images stay in the tests' cache, so that they are made once.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import { cacheFolder } from '../support/cache.ts';
import { hasEnded, run } from '../support/child-process.ts';
import { poll } from '../support/poll.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

export interface Engine {
  /** For whoever talks to it: `DOCKER_HOST`, unless it is the usual one. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs the docker command; returns what it printed, without the last line end. */
  docker(...args: readonly string[]): Promise<string>;
  stop(): Promise<void>;
}

const buildLimitMs = 600_000;

/** An engine for a test file: there while its tests run. */
export function useEngine(): () => Engine {
  let engine: Engine | undefined;
  beforeAll(async () => {
    engine = await startEngine();
  });
  afterAll(async () => {
    await engine?.stop();
  });
  return () => {
    if (engine === undefined) throw new Error('there is an engine only while a test runs');
    return engine;
  };
}

async function startEngine(): Promise<Engine> {
  const usual = engineAt({}, async () => undefined);
  return (await answers(usual)) ? usual : await startDockerd();
}

function engineAt(env: Engine['env'], stop: Engine['stop']): Engine {
  return {
    env,
    docker: async (...args) => {
      const options = { env: { ...process.env, ...env }, timeoutMs: buildLimitMs };
      return (await run('docker', args, options)).replace(/\n$/, '');
    },
    stop,
  };
}

async function answers(engine: Engine): Promise<boolean> {
  return await engine.docker('version').then(
    () => true,
    () => false,
  );
}

async function startDockerd(): Promise<Engine> {
  const data = join(cacheFolder(), 'docker');
  await mkdir(data, { recursive: true });
  await endLeftOver(join(data, 'dockerd.pid'));
  // The path of a socket is short.
  const temp = await makeTempFolder('docker');
  const socket = `unix://${join(temp.path, 'socket')}`;
  const child = spawn(
    'setpriv',
    [
      // It ends with us, and its containers with it, whatever ends us.
      ...['--pdeathsig', 'TERM', 'dockerd'],
      ...['--host', socket, '--data-root', data, '--exec-root', join(temp.path, 'run')],
      ...['--pidfile', join(data, 'dockerd.pid'), '--log-level', 'warn'],
    ],
    // Not in our group: an interrupt at the keyboard is for the tests, which then end it.
    { detached: true, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const said: string[] = [];
  child.on('error', (error) => said.push(String(error)));
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.push(text));
  const stop = async (): Promise<void> => {
    if (child.pid !== undefined && !hasEnded(child)) {
      const ended = once(child, 'close');
      child.kill('SIGTERM');
      await ended;
    }
    await unmountBelow(temp.path);
    await temp.remove();
  };
  const engine = engineAt({ DOCKER_HOST: socket }, stop);
  await poll(async () => (await answers(engine)) || child.pid === undefined || hasEnded(child));
  if (!(await answers(engine))) {
    await stop();
    throw new Error(`dockerd did not start:\n${said.join('')}`);
  }
  await removeContainers(engine);
  return engine;
}

/** In an engine of our own all are left over, and some would have been started again with it. */
async function removeContainers(engine: Engine): Promise<void> {
  const ids = (await engine.docker('ps', '--all', '--quiet')).split('\n').filter((id) => id !== '');
  if (ids.length > 0) await engine.docker('rm', '--force', '--volumes', ...ids);
}

/** What it leaves mounted: the network of containers that had none of their own. */
async function unmountBelow(folder: string): Promise<void> {
  for (const line of (await readFile('/proc/self/mountinfo', 'utf8')).split('\n').reverse()) {
    const path = line.split(' ')[4] ?? '';
    if (path.startsWith(`${folder}/`)) await run('umount', [path]);
  }
}

/** The dockerd of tests that were killed before they could end it. */
async function endLeftOver(pidFile: string): Promise<void> {
  const pid = Number(await readFile(pidFile, 'utf8').catch(() => ''));
  if (pid === 0) return;
  if (!(await isDockerd(pid))) {
    // Of whoever has its number now, another dockerd would think that it runs.
    await rm(pidFile);
    return;
  }
  const args = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
  process.kill(pid, 'SIGTERM');
  await poll(async () => !(await isDockerd(pid)));
  const folder = dirname(args[args.indexOf('--exec-root') + 1] ?? '');
  if (!basename(folder).startsWith('lanacme-docker-')) return;
  await unmountBelow(folder);
  await rm(folder, { recursive: true });
}

async function isDockerd(pid: number): Promise<boolean> {
  const name = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
  return name === 'dockerd\n';
}
