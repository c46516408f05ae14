import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { escapeText } from '../core/escape.ts';
import { LanacmeError } from '../errors.ts';
import type { SystemManager } from '../ports/systemd.ts';
import { environmentWithoutOurs } from './child-environment.ts';
import { isMissingProgram } from './missing-program.ts';

/** A start that waits for a service to end may take as long as that. */
const timeoutMs = 5 * 60_000;

export const systemManager: SystemManager = {
  run: async (command, signal) => {
    const [program, ...args] = command;
    const env = { ...environmentWithoutOurs(), LC_ALL: 'C.UTF-8', SYSTEMD_COLORS: '0', SYSTEMD_PAGER: '' };
    try {
      await promisify(execFile)(program, args, { env, timeout: timeoutMs, signal, maxBuffer: 1024 * 1024 });
    } catch (error) {
      signal.throwIfAborted();
      throw failure(command, error);
    }
  },
};

function failure(command: readonly string[], error: unknown): LanacmeError {
  const shown = command.join(' ');
  if (isMissingProgram(error)) {
    return new LanacmeError('systemd.command-failed', `${shown}: there is no such program here`, {
      hint: 'this host does not run systemd: start lanacme renew every hour by what it has (cron)',
      cause: error,
    });
  }
  return new LanacmeError('systemd.command-failed', `${shown} failed`, {
    hint: hintOn(command),
    details: linesOf(error),
    cause: error,
  });
}

function hintOn(command: readonly string[]): string {
  const again = 'mend what it says, then run lanacme systemd again: it goes on from there';
  if (!command.includes('--user')) return again;
  return `${again}; without a session of that user (su, sudo) its manager is not found: log in, or machinectl shell USER@`;
}

const mostLines = 10;

function linesOf(error: unknown): readonly string[] {
  const said = error instanceof Error && 'stderr' in error ? String(error.stderr) : '';
  const lines = said.split('\n').filter((line) => line !== '');
  return lines.slice(0, mostLines).map((line) => escapeText(line, 300));
}
