import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { escapeText } from '../core/escape.ts';
import { rfc3339 } from '../core/rfc3339.ts';
import { layout } from '../core/version-layout.ts';
import { LanacmeError } from '../errors.ts';
import type { Clock, Lock, Log } from '../ports.ts';
import { errnoOf, fileFailure, unsafeFile } from './file-failure.ts';
import { flock } from './flock.ts';
import { readSmallFile } from './small-file.ts';
import { StateFolder } from './state-folder.ts';

export interface FileLockOptions {
  readonly stateDir: string;
  /** How long to wait for another run. */
  readonly timeoutMs: number;
  /** What this run is, for others that wait: `lanacme issue`, without its arguments. */
  readonly command: string;
  readonly clock: Clock;
  readonly log: Log;
}

/** Node closes a file that nobody refers to any more, and with it would go the lock. */
const held = new Set<FileHandle>();

/**
 * flock(2) on `STATE_DIR/lock`. Node has no such call: util-linux's `flock` makes it on a descriptor that it inherits.
 * The lock belongs to the open file, which stays open here when that child has ended; the kernel drops it with this
 * process, however it ends. Hooks do not inherit it: Node opens files close-on-exec.
 */
export class FileLock implements Lock {
  readonly #options: FileLockOptions;
  readonly #state: StateFolder;
  readonly #path: string;

  constructor(options: FileLockOptions) {
    this.#options = options;
    this.#state = new StateFolder(options.stateDir);
    this.#path = this.#state.path(layout.lock);
  }

  async acquire(signal: AbortSignal): Promise<() => Promise<void>> {
    let file: FileHandle | undefined;
    while (file === undefined) {
      signal.throwIfAborted();
      await this.#state.make();
      file = await this.#lockOnce(signal);
    }
    const locked = file;
    held.add(locked);
    return async () => {
      if (held.delete(locked)) await release(locked, this.#path);
    };
  }

  /** The locked file; nothing if somebody removed or replaced it while it was waited for. */
  async #lockOnce(signal: AbortSignal): Promise<FileHandle | undefined> {
    const file = await openLockFile(this.#path);
    try {
      await this.#waitFor(file, signal);
      if (await isAt(this.#path, file)) {
        await this.#sign(file);
        return file;
      }
    } catch (error) {
      await file.close();
      throw error;
    }
    await file.close();
    return undefined;
  }

  async #waitFor(file: FileHandle, signal: AbortSignal): Promise<void> {
    const { timeoutMs, log } = this.#options;
    if (await flock(['-n'], file, signal)) return;
    const stopWaiting = log.waiting(`the lock, held by ${this.#holder()}`);
    try {
      // flock(1) takes fractions of a second.
      if (timeoutMs > 0 && (await flock(['-w', String(timeoutMs / 1000)], file, signal))) return;
    } finally {
      stopWaiting();
    }
    const message = `the lock is held by ${this.#holder()}, also after ${timeoutMs / 1000} s`;
    throw new LanacmeError('state.locked', message, {
      hint: 'run it again when that one has ended, or wait longer with --lock-timeout',
      outcome: 'wait',
    });
  }

  async #sign(file: FileHandle): Promise<void> {
    const { command, clock } = this.#options;
    try {
      await file.truncate();
      await file.write(`process ${process.pid} (${command}) since ${rfc3339(clock.now())}\n`, 0);
    } catch (error) {
      throw fileFailure(error, 'write', this.#path);
    }
  }

  #holder(): string {
    const signed = readSmallFile(this.#path)?.trim() ?? '';
    return signed === '' ? 'another run' : escapeText(signed, 200);
  }
}

async function openLockFile(path: string): Promise<FileHandle> {
  const { O_RDWR, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  let file: FileHandle | undefined;
  try {
    file = await open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
    if (!(await file.stat()).isFile()) throw notAFile(path);
    await file.chmod(0o600);
    return file;
  } catch (error) {
    await file?.close();
    throw ['ELOOP', 'EISDIR'].includes(errnoOf(error) ?? '')
      ? notAFile(path)
      : fileFailure(error, 'write', path);
  }
}

function notAFile(path: string): LanacmeError {
  return unsafeFile(
    path,
    'is not a regular file, so lanacme did not make it',
    'move it away, then run lanacme again',
  );
}

/** A lock on a file that others can no longer find protects nothing. */
async function isAt(path: string, file: FileHandle): Promise<boolean> {
  const opened = await file.stat();
  try {
    const found = await stat(path);
    return found.ino === opened.ino && found.dev === opened.dev;
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false;
    throw fileFailure(error, 'read', path);
  }
}

async function release(file: FileHandle, path: string): Promise<void> {
  try {
    // The next run has the lock a moment before it signs: until then nobody must read our name.
    await file.truncate();
  } catch (error) {
    throw fileFailure(error, 'write', path);
  } finally {
    await file.close();
  }
}
