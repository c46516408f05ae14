/**
 * The process that stays root beside a run of the owner of the state folder. It is started by root, and is no more than
 * a shell that waits on a pipe until it is needed.
 */
import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { Writable } from 'node:stream';
import type { RootPartConfig } from '../core/root-messages.ts';

export interface RootProcess {
  /** Of all hooks that it will run. */
  readonly commands: readonly string[];
  /** Where it is asked, where it answers: for the process that goes on. */
  readonly pipes: readonly [Writable, Readable];
  /** Closes our ends of them. */
  letGo(): void;
}

export interface RootProcessOptions {
  readonly config: RootPartConfig;
  readonly commands: readonly string[];
  /** Path of `root-part.js`. */
  readonly program: string;
}

/** A line on standard input decides that it is needed, its end that it is not. */
const waitThenRun = 'IFS= read -r go && exec "$0" "$1"';

/** To be called as root. */
export function startRootProcess({ config, commands, program }: RootProcessOptions): RootProcess {
  const child = spawn('/bin/sh', ['-c', waitThenRun, process.execPath, program], {
    cwd: '/',
    // Nothing of ours: a root that came by sudo has brought a user's environment.
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' },
    stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
  });
  const { stdin: requests, stdout: answers } = child;
  const told = child.stdio[3];
  if (requests === null || answers === null || !(told instanceof Writable)) {
    throw new Error('no pipes to the process that stays root');
  }
  for (const each of [child, told, requests, answers]) each.on('error', () => undefined);
  told.end(JSON.stringify(config));
  // A run that does not need it ends as if it were not there.
  child.unref();
  return {
    commands,
    pipes: [requests, answers],
    letGo: () => {
      requests.destroy();
      answers.destroy();
    },
  };
}
