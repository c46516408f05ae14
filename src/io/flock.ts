import { once } from 'node:events';
import type { FileHandle } from 'node:fs/promises';
import { escapeText } from '../core/escape.ts';
import { LanacmeError } from '../errors.ts';
import { bareEnvironment } from './child-environment.ts';
import { isMissingProgram } from './missing-program.ts';

/**
 * flock(2), which Node does not have, by util-linux's `flock` on a descriptor that it inherits. The lock belongs to the
 * open file, and stays with it when that child has ended.
 *
 * @param how the program's options.
 * @returns whether the file is locked now.
 * @throws LanacmeError `state.lock-failed`.
 */
export async function flock(how: readonly string[], file: FileHandle, signal: AbortSignal): Promise<boolean> {
  // Only now: a run with nothing to do starts no child.
  const { spawn } = await import('node:child_process');
  const child = spawn('flock', [...how, '3'], {
    stdio: ['ignore', 'ignore', 'pipe', file.fd],
    env: bareEnvironment(),
    signal,
    killSignal: 'SIGKILL',
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text));
  try {
    await once(child, 'close');
  } catch (error) {
    signal.throwIfAborted();
    if (!isMissingProgram(error)) throw lockFailed('flock cannot be started', 'see the cause', error);
    throw lockFailed('the program flock is not on this host', 'install it: apt install util-linux', error);
  }
  if (child.exitCode === 0 || child.exitCode === 1) return child.exitCode === 0;
  const hint = 'keep the state folder on a file system that has locks: choose it with --state-dir';
  throw lockFailed(escapeText(said.trim() || `flock ended by ${child.signalCode ?? child.exitCode}`), hint);
}

function lockFailed(what: string, hint: string, cause?: unknown): LanacmeError {
  return new LanacmeError('state.lock-failed', `cannot lock the state folder: ${what}`, { hint, cause });
}
